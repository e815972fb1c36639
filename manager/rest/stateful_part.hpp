// What all stateful resources share: their fields, and requests for another state.
// Source: the manager API, §1.7.
#pragma once

#include "manager/rest/resource.hpp"

namespace csim::stateful {

/// Adds the common fields of `kind`, `id` and `resource_uri` included.
void add_fields(std::vector<Field>& fields, Kind kind, Value label);

/// PUT `{"state": …}`: 202 with the command, 204, 200 for a dry run. Throws RestStop `{"state": …}`.
ApiReply put_state(RestContext& context, ObjectRef object);
/// DELETE: the same as asking for `removed`. Throws RestStop `{"__all__": …}`.
ApiReply remove(RestContext& context, ObjectRef object);
/// The reply to whatever started a command.
ApiReply command_reply(RestContext& context, std::int64_t command);
Json command_json(RestContext& context, std::int64_t command);

}  // namespace csim::stateful
