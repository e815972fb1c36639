// Power strips and management controllers that the manager may switch hosts with: kinds, devices and their
// outlets. Source: the manager API, §2.21 to §2.23.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace csim {

/// The command lines by which fence agents are run; `%(name)s` stands for a value of the device or the
/// outlet.
struct FenceTemplates {
    static constexpr const char* common =
        "%(agent)s %(options)s -a %(address)s -u %(port)s -l %(username)s -p %(password)s -o ";
    std::string poweron_template = std::string(common) + "on -n %(identifier)s";
    std::string poweroff_template = std::string(common) + "off -n %(identifier)s";
    std::string powercycle_template = std::string(common) + "reboot -n %(identifier)s";
    std::string monitor_template = std::string(common) + "monitor";
    std::string outlet_query_template = std::string(common) + "status -n %(identifier)s";
    std::string outlet_list_template = std::string(common) + "%(list_parameter)s";
};
BOOST_DESCRIBE_STRUCT(
    FenceTemplates, (),
    (poweron_template, poweroff_template, powercycle_template, monitor_template, outlet_query_template,
     outlet_list_template)
)

struct PowerTypeRow {
    std::int64_t id = 0;
    std::string agent;
    std::optional<std::string> make;
    std::optional<std::string> model;
    std::int64_t max_outlets = 0;  ///< 0: any number, as with management controllers of single hosts
    std::int64_t default_port = 23;
    std::string default_username;
    std::string default_password;
    std::optional<std::string> default_options;
    FenceTemplates templates;
};
BOOST_DESCRIBE_STRUCT(
    PowerTypeRow, (),
    (id, agent, make, model, max_outlets, default_port, default_username, default_password, default_options,
     templates)
)

struct PowerDeviceRow {
    std::int64_t id = 0;
    std::int64_t type_id = 0;
    std::string name;
    std::string address;
    std::int64_t port = 23;
    std::string username;
    std::string password;
    std::optional<std::string> options;
};
BOOST_DESCRIBE_STRUCT(PowerDeviceRow, (), (id, type_id, name, address, port, username, password, options))

struct PowerOutletRow {
    std::int64_t id = 0;
    std::int64_t device_id = 0;
    std::string identifier;
    std::optional<std::int64_t> host_id;
    std::optional<bool> has_power;  ///< nothing: not known
};
BOOST_DESCRIBE_STRUCT(PowerOutletRow, (), (id, device_id, identifier, host_id, has_power))

/// `APC 7900 (4 outlets)`.
std::string power_type_name(const PowerTypeRow& type);

}  // namespace csim
