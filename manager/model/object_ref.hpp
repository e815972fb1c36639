// Names one object of the manager: its kind and number. Kinds are rows of a table with their wire names.
#pragma once

#include <boost/describe.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

enum class Kind {
    none,
    host,
    lnet_configuration,
    corosync_configuration,
    pacemaker_configuration,
    ntp_configuration,
    target,
    filesystem,
    client_mount,
    copytool,
    command,
    job,
    user,
    power_control_device,
    power_control_device_outlet,
    storage_resource,
};
BOOST_DESCRIBE_ENUM(
    Kind, none, host, lnet_configuration, corosync_configuration, pacemaker_configuration, ntp_configuration,
    target, filesystem, client_mount, copytool, command, job, user, power_control_device,
    power_control_device_outlet, storage_resource
)

struct ObjectRef {
    Kind kind = Kind::none;
    std::int64_t id = 0;
    auto operator<=>(const ObjectRef&) const = default;
    explicit operator bool() const { return kind != Kind::none; }
};
BOOST_DESCRIBE_STRUCT(ObjectRef, (), (kind, id))

/// What of the manager's database a client may watch; counted by Changes.
/// Source: the manager API, §1.8: names of the tables in `last_modified`.
enum class Watched {
    alert,
    command,
    filesystem,
    host,
    lnet_configuration,
    network_interface,
    nid,
    server_profile,
    nothing,  ///< changes of such tables wake nobody
};
constexpr int watched_count = static_cast<int>(Watched::nothing);
std::string_view wire_name(Watched table);

/// A kind's name in URIs, such as `lnet_configuration`; empty for kinds without a resource.
std::string_view resource_name(Kind kind);
/// `/api/host/4/`; empty for kinds without a resource.
std::string resource_uri(ObjectRef object);
/// The number that names a class in lock entries: stable, unique per kind.
int content_type_id(Kind kind);
Watched watched_table(Kind kind);

/// The number at the end of `/api/<resource>/<n>/`, if `uri` names that resource.
std::optional<std::int64_t> id_in_uri(std::string_view resource, std::string_view uri);

}  // namespace csim
