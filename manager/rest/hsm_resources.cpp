// `client_mount`, `copytool`, `copytool_operation`.
// Source: the manager API, §2.28 and §2.29.
#include "manager/jobs/hsm_states.hpp"
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"

#include <array>
#include <charconv>
#include <sstream>

namespace csim {

namespace {

/// The object that a member of the body names by URI. Throws RestStop.
Key named(RestContext& context, const char* name, Kind kind, const char* missing) {
    const Json& value = member(context.body, name);
    if (value.is_null()) stop_field(name, "This field is mandatory");
    const Json& uri = value.is_object() ? member(value, "resource_uri") : value;
    auto id = uri.is_string() ? id_in_uri(name, uri.get<std::string>()) : std::nullopt;
    if (!id || context.model.status({kind, *id}) == nullptr) stop_field(name, missing);
    return *id;
}

std::string mandatory_text(const Json& body, const char* name) {
    const Json& value = member(body, name);
    if (value.is_null() || value == Json("")) stop_field(name, "This field is mandatory");
    if (!value.is_string()) stop_field(name, "Must be text");
    return value.get<std::string>();
}

/// A place in a file system's tree.
std::string mandatory_path(const Json& body, const char* name) {
    std::string path = mandatory_text(body, name);
    const bool plain = path.find('\0') == std::string::npos && path.find('\n') == std::string::npos;
    if (!path.starts_with('/') || !plain || path.size() > 1024) stop_field(name, "Must be an absolute path");
    return path;
}

/// One mount per host and file system: asking again moves it.
Key make_client_mount(Model& model, Key host, Key filesystem, const std::string& mountpoint) {
    Key found = 0;
    model.client_mounts.each([&](const ClientMountRow& row) {
        if (row.host_id == host && row.filesystem_id == filesystem) found = row.id;
    });
    if (found == 0) {
        ClientMountRow row;
        row.id = model.next_id("client_mount");
        row.status.modified_at = model.now();
        row.host_id = host;
        row.filesystem_id = filesystem;
        row.mountpoint = mountpoint;
        return model.client_mounts.insert(std::move(row)).id;
    }
    if (model.client_mounts.at(found).mountpoint != mountpoint) {
        model.client_mounts.edit(found, [&](ClientMountRow& row) { row.mountpoint = mountpoint; });
    }
    return found;
}

class ClientMountResource final : public TableResource<ClientMountRow> {
  public:
    ClientMountResource() : TableResource("client_mount", &Model::client_mounts) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        add_identity(fields_, *this);
        auto host = [](RestContext& context, Key key) {
            return Keys{context.model.client_mounts.at(key).host_id};
        };
        fields_.push_back(relation("host", to_one, "host", host));
        auto filesystem = [](RestContext& context, Key key) {
            return Keys{context.model.client_mounts.at(key).filesystem_id};
        };
        fields_.push_back(relation("filesystem", to_one, "filesystem", filesystem));
        fields_.push_back(field("mountpoint", string, of([](const ClientMountRow& row) {
                                    return row.mountpoint;
                                })));
        fields_.push_back(field("state", string, of([](const ClientMountRow& row) {
                                    return row.status.state;
                                })));
        auto modified = [](const ClientMountRow& row) { return instant(row.status.modified_at); };
        fields_.push_back(field("state_modified_at", datetime, of(modified)));
        fields_.push_back(field("immutable_state", boolean, of([](const ClientMountRow& row) {
                                    return row.status.immutable;
                                })));
        fields_.push_back(field(
            "not_deleted", boolean, [](RestContext&, Key) { return Json(true); }, Field::nullable
        ));
        filters_["host"] = {{"exact"}, of([](const ClientMountRow& row) { return row.host_id; })};
        filters_["filesystem"] = {{"exact"}, of([](const ClientMountRow& row) { return row.filesystem_id; })};
    }

    ApiReply post_list(RestContext& context) override {
        const Key host = named(context, "host", Kind::host, "Host not found in DB");
        const Key filesystem = named(context, "filesystem", Kind::filesystem, "Filesystem not found in DB");
        const std::string mountpoint = mandatory_path(context.body, "mountpoint");
        const Key key = make_client_mount(context.model, host, filesystem, mountpoint);
        return reply_with(202, Json{{"client_mount", to_json(context, key)}});
    }
};

/// What the monitor of copytools sets itself.
void check_arguments(const std::string& arguments) {
    static constexpr std::array<std::string_view, 10> ours{"-A", "--archive", "--daemon", "--dry-run",
                                                           "-q", "--quiet",   "-u",       "--update-interval",
                                                           "-v", "--verbose"};
    std::istringstream words(arguments);
    for (std::string word; words >> word;) {
        const std::string option = word.substr(0, word.find('='));
        if (std::find(ours.begin(), ours.end(), option) == ours.end()) continue;
        stop_field("hsm_arguments", "Invalid argument '" + option + "': it is set by the manager");
    }
}

Key archive_of(const Json& body) {
    const Json& value = member(body, "archive");
    if (value.is_null()) stop_field("archive", "This field is mandatory");
    if (value.is_number_integer()) return value.get<Key>();
    const std::string text = value.is_string() ? value.get<std::string>() : std::string();
    Key number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        stop_field("archive", "Archive number must be an integer");
    }
    return number;
}

class CopytoolResource final : public TableResource<CopytoolRow> {
  public:
    CopytoolResource() : TableResource("copytool", &Model::copytools) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "put"};
        stateful::add_fields(fields_, Kind::copytool, [](RestContext& context, Key key) {
            return Json(copytool_label(context.model, context.model.copytools.at(key)));
        });
        auto host = [](RestContext& context, Key key) {
            return Keys{context.model.copytools.at(key).host_id};
        };
        fields_.push_back(relation("host", to_one, "host", host, true));
        auto filesystem = [](RestContext& context, Key key) {
            return Keys{context.model.copytools.at(key).filesystem_id};
        };
        fields_.push_back(relation("filesystem", to_one, "filesystem", filesystem));
        fields_.push_back(field("bin_path", string, of([](const CopytoolRow& row) { return row.bin_path; })));
        fields_.push_back(field("archive", integer, of([](const CopytoolRow& row) { return row.archive; })));
        fields_.push_back(field("index", integer, of([](const CopytoolRow& row) { return row.index; })));
        auto mountpoint = [](RestContext& context, Key key) {
            const ClientMountRow* mount =
                context.model.client_mounts.find(context.model.copytools.at(key).client_mount_id);
            return mount == nullptr ? Json(nullptr) : Json(mount->mountpoint);
        };
        fields_.push_back(field("mountpoint", string, mountpoint));
        fields_.push_back(field("hsm_arguments", string, of([](const CopytoolRow& row) {
                                    return row.hsm_arguments;
                                })));
        auto uuid = [](const CopytoolRow& row) { return row.uuid.empty() ? Json(nullptr) : Json(row.uuid); };
        fields_.push_back(field("uuid", string, of(uuid), Field::nullable));
        fields_.push_back(field(
            "pid", integer, [](RestContext&, Key) { return Json(nullptr); }, Field::nullable
        ));
        fields_.push_back(field("active_operations_count", integer, active_operations));
        filters_["filesystem_id"] = {{"exact"}, of([](const CopytoolRow& row) { return row.filesystem_id; })};
        filters_["id"] = {{"exact", "in"}};
    }

    ApiReply post_list(RestContext& context) override {
        CopytoolRow row;
        row.filesystem_id = named(context, "filesystem", Kind::filesystem, "Filesystem not found in DB");
        row.host_id = named(context, "host", Kind::host, "Host not found in DB");
        row.bin_path = mandatory_path(context.body, "bin_path");
        row.archive = archive_of(context.body);
        const std::string mountpoint = mandatory_path(context.body, "mountpoint");
        const Json& arguments = member(context.body, "hsm_arguments");
        if (!arguments.is_string()) stop_field("hsm_arguments", "This field is mandatory");
        row.hsm_arguments = arguments.get<std::string>();
        check_arguments(row.hsm_arguments);
        context.model.copytools.each([&](const CopytoolRow& other) {
            const bool same = other.host_id == row.host_id && other.filesystem_id == row.filesystem_id &&
                              other.bin_path == row.bin_path && other.archive == row.archive;
            if (same) row.index = std::max(row.index, other.index + 1);
        });
        row.client_mount_id = make_client_mount(context.model, row.host_id, row.filesystem_id, mountpoint);
        row.id = context.model.next_id("copytool");
        row.status.modified_at = context.model.now();
        const Key key = context.model.copytools.insert(std::move(row)).id;
        return reply_with(202, Json{{"copytool", to_json(context, key)}});
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        return stateful::put_state(context, {Kind::copytool, key});
    }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (method != "get") return std::nullopt;
        return metrics_reply(context, *this, path, own_metrics(Kind::copytool));
    }

  private:
    static Json active_operations(RestContext& context, Key key) {
        using Counts = std::map<Key, std::int64_t>;
        const auto& counts = context.once<Counts>("active operations", [&] {
            Counts made;
            context.model.copytool_operations.each([&](const CopytoolOperationRow& row) {
                if (!row.finished_at) ++made[row.copytool_id];
            });
            return made;
        });
        auto at = counts.find(key);
        return at == counts.end() ? 0 : at->second;
    }
};

class OperationResource final : public TableResource<CopytoolOperationRow> {
  public:
    OperationResource() : TableResource("copytool_operation", &Model::copytool_operations) {
        using enum FieldType;
        add_identity(fields_, *this);
        auto copytool = [](RestContext& context, Key key) {
            return Keys{context.model.copytool_operations.at(key).copytool_id};
        };
        fields_.push_back(relation("copytool", to_one, "copytool", copytool, true, Field::nullable));
        add("type", string, [](const Row& row) { return Json(row.type); });
        add("state", string, [](const Row& row) { return Json(row.state); });
        add("started_at", datetime, [](const Row& row) { return instant(row.started_at); });
        add("updated_at", datetime, [](const Row& row) { return instant(row.updated_at); });
        add("finished_at", datetime, [](const Row& row) { return instant(row.finished_at); });
        add("processed_bytes", string, [](const Row& row) { return bytes(row.processed_bytes); });
        add("total_bytes", string, [](const Row& row) { return bytes(row.total_bytes); });
        add("path", string, [](const Row& row) { return Json(row.path); });
        add("fid", string, [](const Row& row) { return Json(row.fid); });
        add("info", string, [](const Row& row) { return Json(row.info); });
        add("description", string, [](const Row& row) { return Json(described(row)); });
    }

    void narrow(RestContext& context, Keys& keys) override {
        const Model& model = context.model;
        if (const std::string* active = context.target.find("active");
            active != nullptr && !active->empty()) {
            std::erase_if(keys, [&](Key key) {
                return model.copytool_operations.at(key).finished_at.has_value();
            });
        }
        const std::string* filesystem = context.target.find("filesystem_id");
        if (filesystem == nullptr) return;
        const Key wanted = id_in_text(*filesystem).value_or(0);
        std::erase_if(keys, [&](Key key) {
            return model.copytools.at(model.copytool_operations.at(key).copytool_id).filesystem_id != wanted;
        });
    }

  private:
    using Row = CopytoolOperationRow;
    void add(const char* name, FieldType type, Json (*get)(const Row&)) {
        fields_.push_back(field(name, type, of(get), Field::nullable));
    }
    static std::string described(const Row& row) {
        if (row.type == "ARCHIVE") return "Currently archiving " + row.path + " from Lustre to HSM backend";
        if (row.type == "RESTORE") return "Currently restoring " + row.path + " from HSM backend to Lustre";
        if (row.type == "REMOVE") return "Currently removing " + row.path + " from HSM backend";
        return "Unknown operation on " + row.path;
    }
    static Json bytes(const std::optional<std::int64_t>& count) {
        return count ? Json(std::to_string(*count)) : Json(nullptr);
    }
};

}  // namespace

void add_hsm_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<ClientMountResource>());
    list.push_back(std::make_unique<CopytoolResource>());
    list.push_back(std::make_unique<OperationResource>());
}

}  // namespace csim
