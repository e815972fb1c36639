// The table of kinds.
#include "manager/model/object_ref.hpp"

#include <array>
#include <charconv>

namespace csim {

namespace {

struct KindRow {
    std::string_view resource;
    int content_type;
    Watched watched;
};

constexpr std::array<KindRow, 16> kind_table{{
    {"", 0, Watched::nothing},
    {"host", 30, Watched::host},
    {"lnet_configuration", 41, Watched::lnet_configuration},
    {"corosync_configuration", 44, Watched::nothing},
    {"pacemaker_configuration", 45, Watched::nothing},
    {"", 46, Watched::nothing},
    {"target", 52, Watched::nothing},
    {"filesystem", 50, Watched::filesystem},
    {"client_mount", 54, Watched::nothing},
    {"copytool", 55, Watched::nothing},
    {"command", 20, Watched::command},
    {"job", 21, Watched::nothing},
    {"user", 10, Watched::nothing},
    {"power_control_device", 60, Watched::nothing},
    {"power_control_device_outlet", 61, Watched::nothing},
    {"storage_resource", 62, Watched::nothing},
}};

const KindRow& row(Kind kind) {
    return kind_table.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::string_view wire_name(Watched table) {
    static constexpr std::array<std::string_view, watched_count> names{
        "chroma_core_alertstate",  "chroma_core_command",           "chroma_core_managedfilesystem",
        "chroma_core_managedhost", "chroma_core_lnetconfiguration", "chroma_core_networkinterface",
        "chroma_core_nid",         "chroma_core_serverprofile",
    };
    return names.at(static_cast<std::size_t>(table));
}

std::string_view resource_name(Kind kind) {
    return row(kind).resource;
}

std::string resource_uri(ObjectRef object) {
    std::string_view name = resource_name(object.kind);
    if (name.empty()) return {};
    return "/api/" + std::string(name) + "/" + std::to_string(object.id) + "/";
}

int content_type_id(Kind kind) {
    return row(kind).content_type;
}

Watched watched_table(Kind kind) {
    return row(kind).watched;
}

std::optional<std::int64_t> id_in_uri(std::string_view resource, std::string_view uri) {
    std::string prefix = "/api/" + std::string(resource) + "/";
    if (!uri.starts_with(prefix)) return std::nullopt;
    uri.remove_prefix(prefix.size());
    if (uri.ends_with('/')) uri.remove_suffix(1);
    std::int64_t id = 0;
    auto [end, error] = std::from_chars(uri.data(), uri.data() + uri.size(), id);
    if (error != std::errc() || end != uri.data() + uri.size()) return std::nullopt;
    return id;
}

}  // namespace csim
