// What the resources of targets and filesystems share.
#pragma once

#include "manager/rest/fields.hpp"

namespace csim {

/// PUT of a stateful object with parameters: changed parameters count first, then a new state, then nothing.
/// Source: the manager API, §2.16.
ApiReply put_with_params(
    RestContext& context, Resource& resource, ObjectRef object, const Params& present, std::string_view level,
    const char* name
);

/// What a target stands on, as far as the manager knows: its volume, and the hosts that see it. Throws
/// RestStop.
ApiReply resource_graph(RestContext& context, Resource& targets, const std::string& target);

}  // namespace csim
