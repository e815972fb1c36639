// `filesystem`.
// Source: the manager API, §2.16.
#include "manager/jobs/target_parts.hpp"
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/filesystem_making.hpp"
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"
#include "manager/rest/target_fields.hpp"

#include <algorithm>

namespace csim {

namespace {

Keys of_kind(const Model& model, Key filesystem, const char* kind) {
    Keys found;
    for (Key id : model.target_index.of_filesystem(filesystem)) {
        if (model.targets.at(id).kind == kind) found.push_back(id);
    }
    return found;
}

using Figure = std::optional<std::int64_t> TargetMetrics::*;

/// Over the targets of a kind; nothing if none of them has told it yet.
std::optional<double> sum(const Model& model, Key filesystem, const char* kind, Figure figure) {
    std::optional<double> total;
    for (Key id : of_kind(model, filesystem, kind)) {
        auto at = model.target_samples.find(id);
        if (at == model.target_samples.end()) continue;
        const auto value = (*at->second.metrics).*figure;
        if (value) total = total.value_or(0) + static_cast<double>(*value);
    }
    return total;
}

std::optional<double> client_count(const Model& model, Key filesystem) {
    const Keys mdts = of_kind(model, filesystem, "MDT");
    if (mdts.empty()) return 0;
    std::optional<double> total;
    for (Key id : mdts) {
        auto at = model.target_samples.find(id);
        if (at == model.target_samples.end()) continue;
        const TargetMetrics& metrics = *at->second.metrics;
        if (metrics.client_count) {
            total = total.value_or(0) + static_cast<double>(*metrics.client_count);
        } else if (metrics.num_exports) {
            total = total.value_or(0) + std::max(0.0, static_cast<double>(*metrics.num_exports - 1));
        }
    }
    if (total) *total /= static_cast<double>(mdts.size());
    return total;
}

std::string mount_path(const Model& model, Key key) {
    return parts::mgs_spec(model, key) + ":/" + model.filesystems.at(key).name;
}

std::optional<Key> first_mdt(const Model& model, Key filesystem) {
    const auto& mdts = model.target_index.mdts_of(filesystem);
    return mdts.empty() ? std::nullopt : std::optional(*mdts.begin());
}

Json coordinator_status(const Model& model, Key filesystem) {
    auto mdt = first_mdt(model, filesystem);
    if (!mdt) return nullptr;
    const Params& params = model.targets.at(*mdt).params;
    auto at = params.find("mdt.hsm_control");
    return at == params.end() || !at->second.value ? Json(nullptr) : Json(*at->second.value);
}

/// What clients may make of the HSM coordinator next.
Json coordinator_choices(const Model& model, Key filesystem) {
    Json choices = Json::array();
    auto mdt = first_mdt(model, filesystem);
    if (!mdt) return choices;
    struct Choice {
        const char* value;
        const char* verb;
        const char* text;
    };
    static constexpr Choice all[] = {
        {"disabled", "Disable", "Hold HSM requests back until the coordinator is enabled again."},
        {"enabled", "Enable", "Let the coordinator pass HSM requests on to copytools."},
        {"shutdown", "Shutdown", "Stop the coordinator; it takes no further HSM requests."},
    };
    const Json present = coordinator_status(model, filesystem);
    const Json params = conf_params::to_json(model.targets.at(*mdt).params, "MDT");
    for (const Choice& choice : all) {
        if (present == Json(choice.value)) continue;
        Json target{
            {"kind", "MDT"}, {"resource", "target"}, {"id", std::to_string(*mdt)}, {"conf_params", params}};
        choices.push_back(Json{
            {"mdt", std::move(target)},
            {"param_key", "mdt.hsm_control"},
            {"param_value", choice.value},
            {"verb", choice.verb},
            {"long_description", choice.text}});
    }
    return choices;
}

class FilesystemResource final : public TableResource<FilesystemRow> {
  public:
    FilesystemResource() : TableResource("filesystem", &Model::filesystems) {
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "delete", "put"};
        ordering_ = {"name"};
        filters_["id"] = {{"exact", "in"}};
        filters_["name"] = {{"exact"}};
        stateful::add_fields(fields_, Kind::filesystem, of([](const FilesystemRow& f) { return f.name; }));
        add_members();
        add_figures();
        add_coordinator();
    }

    ApiReply post_list(RestContext& context) override {
        const MadeFilesystem made = make_filesystem(context);
        ApiReply reply = stateful::command_reply(context, made.command);
        context.detail = true;
        (*reply.body)["filesystem"] = to_json(context, made.id);
        return reply;
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const Params& params = context.model.filesystems.at(key).params;
        return put_with_params(context, *this, {Kind::filesystem, key}, params, "Filesystem", "filesystem");
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        return stateful::remove(context, {Kind::filesystem, key});
    }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (method != "get") return std::nullopt;
        return metrics_reply(context, *this, path, [](const Model& model, Key key) {
            std::vector<const MetricSeries*> series;
            for (Key id : model.target_index.of_filesystem(key))
                series.push_back(model.metrics.find({Kind::target, id}));
            return series;
        });
    }

  private:
    void add_members() {
        using enum FieldType;
        fields_.push_back(field("name", string, of([](const FilesystemRow& f) { return f.name; })));
        auto mgt = [](RestContext& context, Key key) {
            return Keys{context.model.filesystems.at(key).mgt_id};
        };
        fields_.push_back(relation("mgt", to_one, "target", mgt, true));
        auto members = [](const char* kind) {
            return [kind](RestContext& context, Key key) { return of_kind(context.model, key, kind); };
        };
        fields_.push_back(relation("mdts", to_many, "target", members("MDT"), true, Field::nullable));
        fields_.push_back(relation("osts", to_many, "target", members("OST"), false, Field::nullable));
        auto path = [](RestContext& context, Key key) { return Json(mount_path(context.model, key)); };
        fields_.push_back(field("mount_path", string, path, Field::readonly | Field::nullable));
        auto command = [](RestContext& context, Key key) {
            const std::string& name = context.model.filesystems.at(key).name;
            return Json("mount -t lustre " + mount_path(context.model, key) + " /mnt/" + name);
        };
        fields_.push_back(field("mount_command", string, command, Field::readonly | Field::nullable));
        auto params = [](const FilesystemRow& f) { return conf_params::to_json(f.params, "Filesystem"); };
        fields_.push_back(field("conf_params", dict, of(params)));
    }

    void add_figures() {
        auto add = [&](const char* name, const char* kind, Figure figure, double unit) {
            auto value = [kind, figure, unit](RestContext& context, Key key) {
                auto total = sum(context.model, key, kind, figure);
                return total ? Json(*total * unit) : Json(nullptr);
            };
            fields_.push_back(field(name, FieldType::integer, value, Field::readonly));
        };
        add("bytes_free", "OST", &TargetMetrics::kbytesfree, 1024);
        add("bytes_total", "OST", &TargetMetrics::kbytestotal, 1024);
        add("files_free", "MDT", &TargetMetrics::filesfree, 1);
        add("files_total", "MDT", &TargetMetrics::filestotal, 1);
        auto clients = [](RestContext& context, Key key) {
            auto count = client_count(context.model, key);
            return count ? Json(*count) : Json(nullptr);
        };
        fields_.push_back(field("client_count", FieldType::integer, clients, Field::readonly));
    }

    void add_coordinator() {
        constexpr unsigned flags = Field::readonly | Field::nullable;
        auto status = [](RestContext& context, Key key) { return coordinator_status(context.model, key); };
        fields_.push_back(field("cdt_status", FieldType::string, status, flags));
        auto mdt = [](RestContext& context, Key key) {
            auto id = first_mdt(context.model, key);
            return id ? Json(resource_uri({Kind::target, *id})) : Json(nullptr);
        };
        fields_.push_back(field("cdt_mdt", FieldType::string, mdt, flags));
        auto choices = [](RestContext& context, Key key) { return coordinator_choices(context.model, key); };
        fields_.push_back(field("hsm_control_params", FieldType::list, choices, flags));
    }
};

}  // namespace

void add_target_resource(ResourceList& list);

void add_lustre_resources(ResourceList& list, ResourceServices&) {
    add_target_resource(list);
    list.push_back(std::make_unique<FilesystemResource>());
}

}  // namespace csim
