// File systems mounted on workers, the copytools that run there, and what those copy.
// Source: the manager API, §2.28 and §2.29.
#pragma once

#include "manager/model/rows.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace csim {

struct ClientMountRow {
    std::int64_t id = 0;
    Status status{"unmounted", {}, false};
    std::int64_t host_id = 0;
    std::int64_t filesystem_id = 0;
    std::string mountpoint;
};
BOOST_DESCRIBE_STRUCT(ClientMountRow, (), (id, status, host_id, filesystem_id, mountpoint))

struct CopytoolRow {
    std::int64_t id = 0;
    Status status{"unconfigured", {}, false};
    std::int64_t host_id = 0;
    std::int64_t filesystem_id = 0;
    std::int64_t client_mount_id = 0;
    std::string bin_path;
    std::int64_t archive = 1;
    std::int64_t index = 0;
    std::string hsm_arguments;
    std::string uuid;  ///< empty: it has not been started
};
BOOST_DESCRIBE_STRUCT(
    CopytoolRow, (),
    (id, status, host_id, filesystem_id, client_mount_id, bin_path, archive, index, hsm_arguments, uuid)
)

struct CopytoolOperationRow {
    std::int64_t id = 0;
    std::int64_t copytool_id = 0;
    std::string type = "UNKNOWN";
    std::string state = "UNKNOWN";
    SimTime started_at;
    SimTime updated_at;
    std::optional<SimTime> finished_at;
    std::optional<std::int64_t> processed_bytes;
    std::optional<std::int64_t> total_bytes;
    std::string path;
    std::string fid;
    std::string info;
};
BOOST_DESCRIBE_STRUCT(
    CopytoolOperationRow, (),
    (id, copytool_id, type, state, started_at, updated_at, finished_at, processed_bytes, total_bytes, path,
     fid, info)
)

}  // namespace csim
