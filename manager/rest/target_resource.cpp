// `target`: MGTs, MDTs and OSTs.
// Source: the manager API, §2.15.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"
#include "manager/rest/target_fields.hpp"
#include "manager/rest/target_making.hpp"

#include <algorithm>

namespace csim {

namespace {

using target_making::Wish;

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

std::string host_name(const Model& model, std::int64_t host) {
    const HostRow* row = model.hosts.find(host);
    return row == nullptr ? "---" : host_label(*row);
}

std::int64_t failover_host(const TargetRow& target) {
    for (const MountPart& mount : target.mounts) {
        if (!mount.primary) return mount.host_id;
    }
    return 0;
}

Json filesystems_of(const Model& model, const TargetRow& target) {
    if (target.kind != "MGT") return nullptr;
    Json list = Json::array();
    for (std::int64_t id : model.target_index.filesystems_of_mgt(target.id)) {
        list.push_back(Json{{"id", id}, {"name", model.filesystems.at(id).name}});
    }
    return list;
}

Wish checked_wish(const Model& model, const Json& given, const std::set<std::int64_t>& taken) {
    static const std::vector<std::string> kinds{"MGT", "MDT", "OST"};
    const Json& kind = member(given, "kind");
    if (kind.is_null()) stop_field("kind", "This field is mandatory");
    const std::string text = kind.is_string() ? kind.get<std::string>() : kind.dump();
    if (std::find(kinds.begin(), kinds.end(), text) == kinds.end()) {
        stop_field("kind", "Invalid target type '" + text + "' (choose from ['MGT', 'OST', 'MDT'])");
    }
    const Json& volume = member(given, "volume_id");
    if (volume.is_null()) stop_field("volume_id", "This field is mandatory");
    Wish wish = target_making::parse(given, text);
    wish.volume_id = volume.is_number_integer() ? volume.get<std::int64_t>() : 0;
    const std::string name = "Volume " + (volume.is_string() ? volume.get<std::string>() : volume.dump());
    if (model.volumes.find(wish.volume_id) == nullptr) stop_field("volume_id", name + " not found");
    const bool in_use = model.target_index.of_volume(wish.volume_id) != 0 || taken.contains(wish.volume_id);
    if (in_use) stop_field("volume_id", name + " in use");
    if (text == "MGT") {
        if (auto fault = target_making::mgs_fault(model, wish.volume_id)) stop_field("mgt", *fault);
    } else {
        const Json& filesystem = member(given, "filesystem_id");
        if (filesystem.is_null()) stop_field("filesystem_id", "Mandatory for targets of kind '" + text + "'");
        wish.filesystem_id = filesystem.is_number_integer() ? filesystem.get<std::int64_t>() : 0;
        if (model.filesystems.find(wish.filesystem_id) == nullptr) {
            stop_field("filesystem_id", "Filesystem " + filesystem.dump() + " not found");
        }
    }
    if (auto fault = target_making::inode_fault(model, wish)) stop_field("inode_count", *fault);
    if (auto fault = target_making::place_fault(model, wish.volume_id)) stop_field("volume_id", *fault);
    return wish;
}

/// Consecutive indexes alternate over primary servers; the root MDT comes first.
void spread(const Model& model, std::vector<Wish>& wishes) {
    std::map<std::int64_t, int> count;
    std::vector<std::pair<int, Wish>> numbered;
    for (Wish& wish : wishes) {
        std::int64_t host = 0;
        for (std::int64_t id : model.nodes_of_volume(wish.volume_id)) {
            if (model.volume_nodes.at(id).primary) host = model.volume_nodes.at(id).host_id;
        }
        const int number = wish.root ? -1 : count[host]++;
        numbered.emplace_back(number, std::move(wish));
    }
    std::stable_sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    for (std::size_t i = 0; i < wishes.size(); ++i) wishes[i] = std::move(numbered[i].second);
}

std::int64_t start(RestContext& context, const std::vector<Key>& targets) {
    std::vector<std::pair<ObjectRef, std::string>> goals;
    for (Key id : targets) goals.emplace_back(ObjectRef{Kind::target, id}, "mounted");
    std::string message = "Creating " + std::to_string(targets.size()) + " targets";
    if (targets.size() == 1) message = "Creating " + context.model.targets.at(targets[0]).name;
    auto started = context.engine.bring(message, goals);
    if (started) return *started;
    for (Key id : targets) context.model.remove_target(id);
    stop_text("error", started.error().detail);
}

class TargetResource final : public TableResource<TargetRow> {
  public:
    TargetResource() : TableResource("target", &Model::targets) {
        list_methods_ = {"get", "post", "patch"};
        detail_methods_ = {"get", "put", "delete"};
        ordering_ = {"volume_name", "name"};
        stateful::add_fields(fields_, Kind::target, of([](const TargetRow& t) { return t.name; }));
        add_plain_fields();
        add_places();
        for (const char* name : {"kind", "immutable_state", "name"}) filters_[name] = {{"exact"}};
        filters_["id"] = {{"exact", "in"}};
        // The MGT belongs to a filesystem here, though its own filesystem_id is null.
        filters_["filesystem_id"] = {
            {"exact"}, [](RestContext& context, Key key) {
                const std::string* given = context.target.find("filesystem_id");
                if (given == nullptr) given = context.target.find("filesystem_id__exact");
                const std::string& text = *given;
                const TargetRow& target = context.model.targets.at(key);
                const auto& of_mgt = context.model.target_index.filesystems_of_mgt(key);
                const auto same = [&](std::int64_t id) { return std::to_string(id) == text; };
                const bool member = same(target.filesystem_id) && target.filesystem_id != 0;
                const bool serves = std::any_of(of_mgt.begin(), of_mgt.end(), same);
                return member || serves ? Json(text) : Json(nullptr);
            }};
        seeks_["filesystem_id"] = [](RestContext& context, const std::string& text) {
            Keys found = context.model.members_of(id_in_text(text).value_or(0));
            std::sort(found.begin(), found.end());
            return found;
        };
        seeks_["host_id"] = [](RestContext& context, const std::string& text) {
            const auto& found = context.model.target_index.on_host(id_in_text(text).value_or(0));
            return Keys(found.begin(), found.end());
        };
    }

    void narrow(RestContext& context, Keys& keys) override {
        const std::string* host = context.target.find("host_id");
        if (host == nullptr) return;
        const Key host_id = id_in_text(*host).value_or(0);
        const bool primary_only = wants_primary(context.target);
        std::erase_if(keys, [&](Key key) {
            const auto& mounts = context.model.targets.at(key).mounts;
            return std::none_of(mounts.begin(), mounts.end(), [&](const MountPart& mount) {
                return mount.host_id == host_id && (!primary_only || mount.primary);
            });
        });
    }

    ApiReply post_list(RestContext& context) override {
        const Wish wish = checked_wish(context.model, context.body, {});
        const Key id = target_making::make(context.model, wish);
        ApiReply reply = stateful::command_reply(context, start(context, {id}));
        context.detail = true;
        (*reply.body)["target"] = to_json(context, id);
        return reply;
    }

    ApiReply patch_list(RestContext& context) override {
        const Json& objects = member(context.body, "objects");
        if (!objects.is_array() || objects.empty()) stop_field("objects", "This field is mandatory");
        const Json& deletions = member(context.body, "deletions");
        if (deletions.is_array() && !deletions.empty()) stop_field("deletions", "Delete targets one by one");
        std::vector<Wish> wishes;
        std::set<std::int64_t> taken;
        for (const Json& object : objects) {
            wishes.push_back(checked_wish(context.model, object, taken));
            taken.insert(wishes.back().volume_id);
        }
        spread(context.model, wishes);
        Keys made;
        for (const Wish& wish : wishes) made.push_back(target_making::make(context.model, wish));
        ApiReply reply = stateful::command_reply(context, start(context, made));
        Json uris = Json::array();
        for (Key id : made) uris.push_back(uri(id));
        (*reply.body)["targets"] = std::move(uris);
        return reply;
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const ObjectRef object{Kind::target, key};
        const std::string kind = context.model.targets.at(key).kind;
        if (kind == "MGT") return stateful::put_state(context, object);
        return put_with_params(context, *this, object, context.model.targets.at(key).params, kind, "target");
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        return stateful::remove(context, {Kind::target, key});
    }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (method != "get") return std::nullopt;
        if (path.size() == 2 && path[1] == "resource_graph") return resource_graph(context, *this, path[0]);
        return metrics_reply(context, *this, path, own_metrics(Kind::target));
    }

  private:
    void add_plain_fields() {
        using enum FieldType;
        constexpr unsigned readonly = Field::readonly, nullable = Field::nullable;
        fields_.push_back(
            field("name", string, of([](const TargetRow& t) { return t.name; }), readonly | nullable)
        );
        fields_.push_back(field("kind", string, of([](const TargetRow& t) { return t.kind; })));
        fields_.push_back(
            field("uuid", string, of([](const TargetRow& t) { return or_null(t.uuid); }), nullable | readonly)
        );
        auto label = [](const TargetRow& t) { return or_null(t.ha_label); };
        fields_.push_back(field("ha_label", string, of(label), nullable | readonly));
        auto index = [](const TargetRow& t) { return t.kind == "MGT" ? Json(nullptr) : Json(t.index); };
        fields_.push_back(field("index", integer, of(index), nullable));
        fields_.push_back(field(
            "inode_size", integer, of([](const TargetRow& t) { return or_null(t.inode_size); }), nullable
        ));
        auto count = [](const TargetRow& t) {
            return t.inode_count ? Json(std::to_string(*t.inode_count)) : Json(nullptr);
        };
        fields_.push_back(field("inode_count", string, of(count), nullable));
        auto filesystem = [](const TargetRow& t) {
            return t.filesystem_id == 0 ? Json(nullptr)
                                        : Json(resource_uri({Kind::filesystem, t.filesystem_id}));
        };
        fields_.push_back(field("filesystem", string, of(filesystem), nullable));
        auto id = [](const TargetRow& t) {
            return t.filesystem_id == 0 ? Json(nullptr) : Json(t.filesystem_id);
        };
        fields_.push_back(field("filesystem_id", integer, of(id), nullable | readonly));
        auto name = [](RestContext& context, Key key) {
            const auto* row = context.model.filesystems.find(context.model.targets.at(key).filesystem_id);
            return row == nullptr ? Json(nullptr) : Json(row->name);
        };
        fields_.push_back(field("filesystem_name", string, name, readonly));
        auto served = [](RestContext& context, Key key) {
            return filesystems_of(context.model, context.model.targets.at(key));
        };
        fields_.push_back(field("filesystems", list, served, nullable | readonly));
        auto params = [](const TargetRow& t) {
            return t.kind == "MGT" ? Json(nullptr) : conf_params::to_json(t.params, t.kind);
        };
        fields_.push_back(field("conf_params", dict, of(params)));
    }

    void add_places() {
        using enum FieldType;
        constexpr unsigned readonly = Field::readonly, nullable = Field::nullable;
        auto volume = [](RestContext& context, Key key) {
            return Keys{context.model.targets.at(key).volume_id};
        };
        fields_.push_back(relation("volume", to_one, "volume", volume, true));
        fields_.push_back(
            field("volume_name", string, of([](const TargetRow& t) { return t.volume_label; }), readonly)
        );
        auto primary = [](RestContext& context, Key key) {
            return Keys{primary_host(context.model.targets.at(key))};
        };
        fields_.push_back(relation("primary_server", to_one, "host", primary, false, readonly));
        auto named = [](auto host) -> Value {
            return [host](RestContext& context, Key key) {
                return Json(host_name(context.model, host(context.model.targets.at(key))));
            };
        };
        fields_.push_back(field("primary_server_name", string, named(primary_host), readonly));
        auto others = [](const TargetRow& target) {
            Json uris = Json::array();
            for (const MountPart& mount : target.mounts) {
                if (!mount.primary) uris.push_back(resource_uri({Kind::host, mount.host_id}));
            }
            return uris;
        };
        fields_.push_back(field("failover_servers", list, of(others), nullable | readonly));
        fields_.push_back(field("failover_server_name", string, named(failover_host), readonly));
        auto active = [](RestContext& context, Key key) {
            return none_or(context.model.targets.at(key).active_host);
        };
        fields_.push_back(relation("active_host", to_one, "host", active, false, nullable | readonly));
        auto running_on = [](const TargetRow& target) { return target.active_host.value_or(0); };
        fields_.push_back(field("active_host_name", string, named(running_on), readonly));
    }
};

}  // namespace

void add_target_resource(ResourceList& list) {
    list.push_back(std::make_unique<TargetResource>());
}

}  // namespace csim
