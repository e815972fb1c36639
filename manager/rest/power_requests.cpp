#include "manager/rest/power_requests.hpp"

#include "manager/rest/fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace csim::power_requests {

namespace {

constexpr std::array<std::string_view, 5> agents{
    "fence_apc", "fence_apc_snmp", "fence_ipmilan", "fence_virsh", "fence_vbox"};

void take_text(const Json& body, const char* name, std::string& into) {
    const Json& value = member(body, name);
    if (value.is_null()) return;
    if (!value.is_string()) stop_field(name, "Must be text");
    into = value.get<std::string>();
}

void take_text(const Json& body, const char* name, std::optional<std::string>& into) {
    const Json& value = member(body, name);
    if (value.is_null()) {
        if (body.contains(name)) into.reset();
        return;
    }
    if (!value.is_string()) stop_field(name, "Must be text");
    into = value.get<std::string>();
}

void take_number(
    const Json& body, const char* name, std::int64_t least, std::int64_t most, std::int64_t& into
) {
    const Json& value = member(body, name);
    if (value.is_null()) return;
    std::int64_t number = 0;
    if (value.is_number_integer()) {
        number = value.get<std::int64_t>();
    } else if (value.is_string()) {
        const std::string text = value.get<std::string>();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size())
            stop_field(name, "Enter a whole number.");
    } else {
        stop_field(name, "Enter a whole number.");
    }
    if (number < least || number > most) {
        stop_field(name, "Must be between " + std::to_string(least) + " and " + std::to_string(most));
    }
    into = number;
}

/// The number of the object that `body` names by URI, or that stands there as a whole.
std::optional<Key> named(const Json& body, const char* name, const char* resource) {
    const Json& value = member(body, name);
    const Json& uri = value.is_object() ? member(value, "resource_uri") : value;
    if (uri.is_null()) return std::nullopt;
    auto id = uri.is_string() ? id_in_uri(resource, uri.get<std::string>()) : std::nullopt;
    if (!id) stop_field(name, std::string("Must be the URI of a ") + resource);
    return id;
}

void take_templates(const Json& body, FenceTemplates& into) {
    take_text(body, "poweron_template", into.poweron_template);
    take_text(body, "poweroff_template", into.poweroff_template);
    take_text(body, "powercycle_template", into.powercycle_template);
    take_text(body, "monitor_template", into.monitor_template);
    take_text(body, "outlet_query_template", into.outlet_query_template);
    take_text(body, "outlet_list_template", into.outlet_list_template);
}

}  // namespace

PowerTypeRow type_from(const Model& model, const Json& body, PowerTypeRow row, bool fresh) {
    take_text(body, "agent", row.agent);
    if (fresh && row.agent.empty()) stop_field("agent", "This field is required.");
    if (std::find(agents.begin(), agents.end(), row.agent) == agents.end()) {
        stop_field("agent", "Value '" + row.agent + "' is not a valid choice.");
    }
    take_text(body, "make", row.make);
    take_text(body, "model", row.model);
    take_number(body, "max_outlets", 0, 1'000'000, row.max_outlets);
    take_number(body, "default_port", 1, 65535, row.default_port);
    take_text(body, "default_username", row.default_username);
    take_text(body, "default_password", row.default_password);
    take_text(body, "default_options", row.default_options);
    take_templates(body, row.templates);
    model.power_types.each([&](const PowerTypeRow& other) {
        if (other.id == row.id || other.agent != row.agent || other.make != row.make ||
            other.model != row.model)
            return;
        stop_field("__all__", "Power control type with this Agent, Make and Model already exists.");
    });
    return row;
}

PowerDeviceRow device_from(
    const Model& model, const PowerControl& power, const Json& body, PowerDeviceRow row, bool fresh
) {
    if (auto type = named(body, "device_type", "power_control_type")) {
        if (!model.power_types.find(*type)) stop_field("device_type", "There is no such power control type");
        if (!fresh && *type != row.type_id)
            stop_field("device_type", "A device keeps its type; add it anew instead");
        row.type_id = *type;
    }
    if (row.type_id == 0) stop_field("device_type", "This field is required.");
    if (fresh) {
        const PowerTypeRow& type = model.power_types.at(row.type_id);
        row.port = type.default_port;
        row.username = type.default_username;
        row.password = type.default_password;
        row.options = type.default_options;
    }
    std::string address = row.address;
    take_text(body, "address", address);
    if (address.empty()) stop_field("address", "This field is required.");
    auto resolved = power.resolve(address);
    if (!resolved) stop_field("address", resolved.error().detail);
    row.address = *resolved;
    take_text(body, "name", row.name);
    if (row.name.empty()) row.name = address;
    if (row.name.size() > 50) stop_field("name", "Ensure this value has at most 50 characters.");
    take_number(body, "port", 1, 65535, row.port);
    take_text(body, "username", row.username);
    take_text(body, "password", row.password);
    take_text(body, "options", row.options);
    model.power_devices.each([&](const PowerDeviceRow& other) {
        if (other.id == row.id || other.address != row.address || other.port != row.port) return;
        stop_field("__all__", "Power control device with this Address and Port already exists.");
    });
    return row;
}

PowerOutletRow outlet_from(const Model& model, const Json& body, PowerOutletRow row, bool fresh) {
    if (auto device = named(body, "device", "power_control_device")) {
        if (!model.power_devices.find(*device)) stop_field("device", "There is no such power control device");
        if (!fresh && *device != row.device_id) stop_field("device", "An outlet stays with its device");
        row.device_id = *device;
    }
    if (row.device_id == 0) stop_field("device", "This field is required.");
    const Json& identifier = member(body, "identifier");
    if (identifier.is_number_integer()) {
        row.identifier = std::to_string(identifier.get<std::int64_t>());
    } else {
        take_text(body, "identifier", row.identifier);
    }
    if (row.identifier.empty()) stop_field("identifier", "This field is required.");
    if (body.contains("host")) {
        row.host_id = named(body, "host", "host");
        if (row.host_id && !model.hosts.find(*row.host_id)) stop_field("host", "There is no such host");
    }
    std::int64_t present = 0;
    for (std::int64_t id : model.outlets_of_device(row.device_id)) {
        if (id == row.id) continue;
        ++present;
        if (model.power_outlets.at(id).identifier != row.identifier) continue;
        stop_field("__all__", "Power control device outlet with this Device and Identifier already exists.");
    }
    const std::int64_t most = model.power_types.at(model.power_devices.at(row.device_id).type_id).max_outlets;
    if (fresh && most > 0 && present >= most) {
        stop_field(
            "__all__",
            "Device " + model.power_devices.at(row.device_id).name + " has all of its outlets already"
        );
    }
    return row;
}

}  // namespace csim::power_requests
