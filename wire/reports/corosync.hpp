// What the `corosync` device plugin reports: the two daemons' states and the cluster as this node sees it.
#pragma once

#include "wire/reports/wire_time.hpp"

#include <boost/describe.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace csim {

struct ClusterServices {
    std::string corosync = "stopped";  ///< started or stopped
    std::string pacemaker = "stopped";

    bool operator==(const ClusterServices&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClusterServices, (), (corosync, pacemaker))

/// One node as crm_mon prints it: everything is text.
struct CrmNode {
    std::string name;
    std::string id;
    std::string online = "false";
    std::string standby = "false";
    std::string standby_onfail = "false";
    std::string expected_up = "true";
    std::string is_dc = "false";
    std::string shutdown = "false";
    std::string pending = "false";
    std::string type = "member";
    std::string resources_running = "0";
    std::string unclean = "false";

    bool operator==(const CrmNode&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    CrmNode, (),
    (name, id, online, standby, standby_onfail, expected_up, is_dc, shutdown, pending, type,
     resources_running, unclean)
)

using CrmNodes = std::map<std::string, CrmNode>;

/// Null nodes stand for a node that sees no cluster, `{}` on the wire.
struct CrmInfo {
    std::shared_ptr<const CrmNodes> nodes;
    std::optional<bool> stonith_enabled;
    WireTime datetime;

    bool empty() const { return nodes == nullptr; }
    Json to_json() const;
    static Result<CrmInfo> from_json(const Json& json, Strictness strictness);
};

/// Null members mean "unchanged since the last report of this session".
struct CorosyncReport {
    std::optional<ClusterServices> state;
    std::optional<CrmInfo> crm_info;
};
BOOST_DESCRIBE_STRUCT(CorosyncReport, (), (state, crm_info))

}  // namespace csim
