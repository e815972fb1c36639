// Tunables under /proc/fs/lustre, as servers and clients show them. Reading changes nothing.
#pragma once

#include "fakes/fake_client.hpp"
#include "fakes/fake_targets.hpp"

#include <string>
#include <string_view>

namespace csim {

/// Value of a parameter of a target that is started on this server.
/// Errors: conflict when the target is not started here; not_found for an unknown path or parameter.
/// Source: the behaviour specification, §5.6.
Result<std::string> read_proc(const FakeTargets& targets, const std::string& fqdn, std::string_view path);

/// Value of a client's parameter; the path holds a literal `*` for the one mount there must be.
/// Errors: conflict when nothing or more than one filesystem is mounted; not_found.
Result<std::string> read_proc(const FakeTargets& targets, const FakeClient& client, std::string_view path);

}  // namespace csim
