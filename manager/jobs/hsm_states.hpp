// Client mounts and copytools: their states, what they need, and what goes with them.
// Source: the manager API, §3.4.
#pragma once

#include "manager/jobs/stateful_class.hpp"

#include <string>
#include <vector>

namespace csim {

struct JobServices;

StatefulClass client_mount_class();
StatefulClass copytool_class();

/// Client mounts on the host that `object` is or belongs to.
std::vector<ObjectRef> client_mounts_of_host(const Model& model, ObjectRef object);
/// Client mounts of a file system.
std::vector<ObjectRef> client_mounts_of_filesystem(const Model& model, ObjectRef object);

/// `lhsmtool_posix-testfs-1-0`.
std::string copytool_label(const Model& model, const CopytoolRow& copytool);
/// Operations that go on end as errored, for `reason`.
void cancel_operations(Model& model, std::int64_t copytool, const std::string& reason);
/// Deletes the records of the copytool and its operations.
void delete_copytool(JobServices& services, std::int64_t copytool);

}  // namespace csim
