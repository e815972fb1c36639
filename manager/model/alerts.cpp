// The table of alert types and their life cycles.
#include "manager/model/alerts.hpp"

#include <array>

namespace csim {

namespace {

/// In texts, {host} stands for the host that the object belongs to, and {item} for the object itself.
struct AlertType {
    std::string_view name;
    std::string_view severity;
    std::string_view message;
    std::string_view end_severity = "";  ///< empty: no end event
    std::string_view end_message = "";   ///< on the host, or on what belongs to no host
};

constexpr std::array<AlertType, 15> alert_types{{
    {"HostContactAlert", "WARNING", "Lost contact with host {host}", "INFO",
     "Re-established contact with host {host}"},
    {"HostOfflineAlert", "WARNING", "Host is offline {host}", "INFO", "Host is back online {host}"},
    {"UpdatesAvailableAlert", "INFO", "Updates are ready for server {host}"},
    {"LNetOfflineAlert", "INFO", "LNet offline on server {item}", "WARNING",
     "LNet started on server '{host}'"},
    {"LNetNidsChangedAlert", "WARNING", "NIDs changed on server {host} - see manual for details.", "INFO",
     "LNet NIDs updated for server {host}"},
    {"CorosyncStoppedAlert", "INFO", "Corosync stopped on server {host}", "WARNING",
     "Corosync started on server '{host}'"},
    {"PacemakerStoppedAlert", "INFO", "Pacemaker stopped on server {host}", "WARNING",
     "Pacemaker started on server '{host}'"},
    {"CorosyncNoPeersAlert", "WARNING", "Host {host} no failover peers"},
    {"StonithNotEnabledAlert", "ERROR", "Fencing is switched off on server {host}: stonith-enabled is false",
     "INFO", "stonith-enabled set to true on {host}"},
    {"TargetOfflineAlert", "ERROR", "Target {item} offline", "INFO", "{item} started"},
    {"TargetFailoverAlert", "WARNING", "Target {item} running on secondary server", "INFO",
     "{item} failover unmounted"},
    {"TargetRecoveryAlert", "WARNING", "Target {item} in recovery", "INFO",
     "Target '{item}' completed recovery"},
    {"PowerControlDeviceUnavailableAlert", "WARNING", "Unable to monitor power control device {item}", "INFO",
     "Monitoring resumed for power control device {item}"},
    {"IpmiBmcUnavailableAlert", "WARNING", "Unable to monitor BMC {item} on server {host}", "INFO",
     "Monitoring resumed for BMC {item} on server {host}"},
    {"StorageResourceOffline", "WARNING", "{item} not contactable"},
}};

const AlertType* find_type(std::string_view name) {
    for (const AlertType& type : alert_types) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

void put_in(std::string& text, std::string_view place, const std::string& name) {
    const auto at = text.find(place);
    if (at != std::string::npos) text.replace(at, place.size(), name);
}

/// `item` and `host` may hold braces themselves, so that the later place is filled first.
std::string filled(std::string_view form, const std::string& item, const std::string& host) {
    std::string text(form);
    const bool host_last =
        text.find("{item}") == std::string::npos || text.find("{item}") < text.find("{host}");
    if (host_last) put_in(text, "{host}", host);
    put_in(text, "{item}", item);
    if (!host_last) put_in(text, "{host}", host);
    return text;
}

std::string json_quoted(const std::string& text) {
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "\"";
}

}  // namespace

std::vector<std::string> alert_type_names() {
    std::vector<std::string> names{
        "AlertEvent",          "HostRebootEvent",        "SyslogEvent",           "ClientConnectEvent",
        "CommandRunningAlert", "CommandSuccessfulAlert", "CommandCancelledAlert", "CommandErroredAlert",
    };
    for (const AlertType& type : alert_types) names.emplace_back(type.name);
    return names;
}

void Alerts::set(const std::string& type, ObjectRef item, bool on, bool intentional) {
    const AlertRow* active = model_.active_alert(item, type);
    if (on == (active != nullptr)) return;
    const AlertType* row = find_type(type);
    const std::int64_t host_id = model_.host_of(item);
    // What belongs to no host speaks for itself.
    const ObjectRef host = host_id == 0 ? item : ObjectRef{Kind::host, host_id};
    const std::string host_name = model_.display_text(host);
    if (on) {
        AlertRow alert;
        alert.id = model_.next_id("alert");
        alert.type = type;
        // What the user asked for is no error.
        alert.severity = intentional && row->severity == "ERROR" ? "WARNING" : std::string(row->severity);
        alert.item = item;
        alert.item_text = model_.display_text(item);
        alert.message = filled(row->message, alert.item_text, host_name);
        alert.begin = model_.now();
        alert.active = true;
        model_.add_alert(std::move(alert));
        return;
    }
    const std::int64_t ended = active->id;
    model_.end_alert(ended, model_.now());
    if (row->end_severity.empty()) return;
    const std::string message = filled(row->end_message, model_.display_text(item), host_name);
    const std::string variant =
        "{\"alert_id\": " + std::to_string(ended) + ", \"message_str\": " + json_quoted(message) + "}";
    event("AlertEvent", host, std::string(row->end_severity), message, variant);
}

void Alerts::event(
    const std::string& type, ObjectRef item, const std::string& severity, const std::string& message,
    const std::string& variant
) {
    AlertRow alert;
    alert.id = model_.next_id("alert");
    alert.type = type;
    alert.severity = severity;
    alert.item = item;
    alert.item_text = model_.display_text(item);
    alert.message = message;
    alert.begin = model_.now();
    alert.end = alert.begin;
    alert.variant = variant;
    model_.add_alert(std::move(alert));
}

void Alerts::object_removed(ObjectRef item) {
    for (std::int64_t id : model_.active_alerts(item)) model_.end_alert(id, model_.now());
}

void Alerts::command_created(CommandRow& command) {
    AlertRow alert;
    alert.id = model_.next_id("alert");
    alert.type = "CommandRunningAlert";
    alert.severity = "INFO";
    alert.item = {Kind::command, command.id};
    alert.item_text = command.message;
    alert.message = "Command " + command.message + " running";
    alert.begin = model_.now();
    alert.active = true;
    command.alert_id = alert.id;
    model_.add_alert(std::move(alert));
}

void Alerts::command_completed(const CommandRow& command) {
    if (model_.alerts.find(command.alert_id) == nullptr) return;
    model_.end_alert(command.alert_id, model_.now());
    model_.alerts.edit(command.alert_id, [&](AlertRow& alert) {
        const bool bad = command.errored || command.cancelled;
        alert.type = command.errored ? "CommandErroredAlert"
                     : bad           ? "CommandCancelledAlert"
                                     : "CommandSuccessfulAlert";
        alert.severity = bad ? "ERROR" : "INFO";
        const char* how = command.errored ? " failed" : bad ? " cancelled" : " successful";
        alert.message = "Command " + command.message + how;
    });
}

void Alerts::state_set(ObjectRef object, bool intentional) {
    const Status* status = model_.status(object);
    if (status == nullptr) return;
    switch (object.kind) {
        case Kind::lnet_configuration:
            return set("LNetOfflineAlert", object, status->state != "lnet_up", intentional);
        case Kind::corosync_configuration:
            return set("CorosyncStoppedAlert", object, status->state != "started", intentional);
        case Kind::pacemaker_configuration:
            return set("PacemakerStoppedAlert", object, status->state != "started", intentional);
        case Kind::target:
            return set("TargetOfflineAlert", object, status->state == "unmounted", intentional);
        default:
            return;
    }
}

}  // namespace csim
