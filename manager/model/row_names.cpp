// Names of documents. Large tables are split by number so that no document grows without bound.
#include "manager/model/row_names.hpp"

namespace csim {

namespace {

std::string host_document(std::int64_t host) {
    return "host_" + std::to_string(host) + ".json";
}

EntryName in_section(std::string document, const std::string& section, std::int64_t id) {
    return {std::move(document), section + "/" + std::to_string(id)};
}

std::string shard(const std::string& table, std::int64_t id) {
    return table + "_" + std::to_string(id / 1000) + ".json";
}

}  // namespace

template <>
EntryName entry_name(const HostRow& row) {
    return {host_document(row.id), "host"};
}
template <>
EntryName entry_name(const LNetRow& row) {
    return in_section(host_document(row.host_id), "lnet_configuration", row.id);
}
template <>
EntryName entry_name(const CorosyncRow& row) {
    return in_section(host_document(row.host_id), "corosync_configuration", row.id);
}
template <>
EntryName entry_name(const PacemakerRow& row) {
    return in_section(host_document(row.host_id), "pacemaker_configuration", row.id);
}
template <>
EntryName entry_name(const NtpRow& row) {
    return in_section(host_document(row.host_id), "ntp_configuration", row.id);
}
template <>
EntryName entry_name(const InterfaceRow& row) {
    return in_section(host_document(row.host_id), "network_interfaces", row.id);
}
template <>
EntryName entry_name(const VolumeNodeRow& row) {
    return in_section(host_document(row.host_id), "volume_nodes", row.id);
}
template <>
EntryName entry_name(const VolumeRow& row) {
    return in_section(shard("volumes", row.id), "volumes", row.id);
}
template <>
EntryName entry_name(const AlertRow& row) {
    return in_section(shard("alerts", row.id), "alerts", row.id);
}
template <>
EntryName entry_name(const UserRow& row) {
    return in_section("users.json", "users", row.id);
}
template <>
EntryName entry_name(const LoginRow& row) {
    return in_section("users.json", "logins", row.id);
}
template <>
EntryName entry_name(const ControllerRow& row) {
    return in_section("storage.json", "controllers", row.id);
}
template <>
EntryName entry_name(const CommandRow& row) {
    return {"command_" + std::to_string(row.id) + ".json", "command"};
}
template <>
EntryName entry_name(const JobRow& row) {
    return in_section("command_" + std::to_string(row.home_command) + ".json", "jobs", row.id);
}

}  // namespace csim
