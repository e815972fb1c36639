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

/// The newest figures of the targets or filesystems in `path`, as `metric` and `<id>/metric` answer; nothing:
/// the path is neither. `sample` tells the figures of one object and when they were true.
using Sample =
    std::function<std::optional<std::pair<std::map<std::string, double>, SimTime>>(const Model&, Key)>;
std::optional<ApiReply> metrics_reply(
    RestContext& context, Resource& resource, const std::vector<std::string>& path, const Sample& sample
);

/// The figures of a target by name.
std::map<std::string, double> target_figures(const TargetMetrics& metrics);

}  // namespace csim
