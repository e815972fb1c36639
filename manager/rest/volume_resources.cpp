// `volume`, `volume_node`.
// Source: the manager API, §2.9 and §2.10.
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>

namespace csim {

namespace {

std::string status_of(const Model& model, Key volume) {
    const auto& nodes = model.nodes_of_volume(volume);
    if (nodes.size() == 1) return "configured-noha";
    bool primary = false, secondary = false;
    for (Key id : nodes) {
        const VolumeNodeRow& node = model.volume_nodes.at(id);
        primary = primary || node.primary;
        secondary = secondary || (node.use && !node.primary);
    }
    if (!primary) return "unconfigured";
    return secondary ? "configured-ha" : "configured-noha";
}

class VolumeResource final : public TableResource<VolumeRow> {
  public:
    VolumeResource() : TableResource("volume", &Model::volumes) {
        using enum FieldType;
        detail_methods_ = {"get", "put"};
        ordering_ = {"label", "size"};
        filters_["id"] = {{"exact", "in"}};
        filters_["label"] = {{"exact", "endswith", "in"}};
        add_identity(fields_, *this);
        fields_.push_back(field("label", string, of([](const VolumeRow& v) { return v.label; })));
        auto size = [](const VolumeRow& v) { return std::to_string(v.size_bytes); };
        fields_.push_back(field("size", string, of(size), Field::nullable));
        auto type = [](const VolumeRow& v) {
            return v.filesystem_type.empty() ? Json(nullptr) : Json(v.filesystem_type);
        };
        fields_.push_back(field("filesystem_type", string, of(type), Field::nullable));
        fields_.push_back(field("usable_for_lustre", boolean, [](RestContext&, Key) { return Json(true); }));
        auto kind = [](const VolumeRow& v) { return v.has_serial ? "SCSI device" : "Block device"; };
        fields_.push_back(field("kind", string, of(kind)));
        auto status = [](RestContext& context, Key key) {
            return context.detail || context.nested ? Json(nullptr) : Json(status_of(context.model, key));
        };
        fields_.push_back(field("status", string, status));
        auto lun = [](RestContext& context, Key key) {
            const VolumeRow* row = context.model.volumes.find(key);
            const bool serial = row != nullptr && row->has_serial;
            const Key found = serial ? context.model.lun_by_serial(row->label) : 0;
            return found == 0 ? Keys{} : Keys{found};
        };
        fields_.push_back(
            relation("storage_resource", to_one, "storage_resource", lun, false, Field::nullable)
        );
        auto nodes = [](RestContext& context, Key key) {
            const auto& ids = context.model.nodes_of_volume(key);
            return Keys(ids.begin(), ids.end());
        };
        fields_.push_back(relation("volume_nodes", to_many, "volume_node", nodes, true));
        seeks_["host_id"] = [](RestContext& context, const std::string& text) {
            std::set<Key> found;
            for (Key id : context.model.nodes_of_host(id_in_text(text).value_or(0)))
                found.insert(context.model.volume_nodes.at(id).volume_id);
            return Keys(found.begin(), found.end());
        };
    }

    void narrow(RestContext& context, Keys& keys) override {
        const Model& model = context.model;
        const RestTarget& target = context.target;
        if (const std::string* category = target.find("category")) {
            if (*category != "unused" && *category != "usable")
                stop_text("error", "category must be unused or usable");
            std::erase_if(keys, [&](Key key) { return model.target_index.of_volume(key) != 0; });
            if (*category == "usable") {
                std::erase_if(keys, [&](Key key) { return status_of(model, key) == "unconfigured"; });
            }
        }
        if (const std::string* filesystem = target.find("filesystem_id")) {
            std::set<std::int64_t> used;
            for (Key id : model.members_of(id_in_text(*filesystem).value_or(0)))
                used.insert(model.targets.at(id).volume_id);
            std::erase_if(keys, [&](Key key) { return !used.contains(key); });
        }
        const std::string* host = target.find("host_id");
        if (host == nullptr) return;
        const Key host_id = id_in_text(*host).value_or(0);
        const bool primary_only = wants_primary(target);
        std::erase_if(keys, [&](Key key) {
            const auto& nodes = model.nodes_of_volume(key);
            return std::none_of(nodes.begin(), nodes.end(), [&](Key id) {
                const VolumeNodeRow& node = model.volume_nodes.at(id);
                return node.host_id == host_id && (!primary_only || node.primary);
            });
        });
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const std::int64_t user = context.model.target_index.of_volume(key);
        if (user != 0) {
            stop_text(
                "error", "The volume is in use by target " + context.model.targets.at(user).name +
                             "; its nodes cannot change"
            );
        }
        const Flags wanted = wanted_flags(context, key);
        check_cluster(context.model, wanted);
        for (Key id :
             Keys(context.model.nodes_of_volume(key).begin(), context.model.nodes_of_volume(key).end())) {
            auto at = wanted.find(id);
            const NodeFlags flags = at == wanted.end() ? NodeFlags{} : at->second;
            context.model.volume_nodes.edit(id, [&](VolumeNodeRow& row) {
                row.primary = flags.primary;
                row.use = flags.use;
            });
        }
        return reply_with(200, context.body);
    }

  private:
    struct NodeFlags {
        bool primary = false;
        bool use = false;
    };
    using Flags = std::map<Key, NodeFlags>;

    static bool flag(const Json& node, const char* name) {
        const Json& value = member(node, name);
        if (!value.is_null() && !value.is_boolean())
            stop_field("nodes", std::string(name) + " must be true or false");
        return value == Json(true);
    }

    /// `nodes`, or `volume_nodes` as the object itself calls them.
    static Flags wanted_flags(RestContext& context, Key key) {
        const Json& given = member(context.body, "nodes");
        const Json& nodes = given.is_null() ? member(context.body, "volume_nodes") : given;
        if (!nodes.is_array()) stop_field("nodes", "This field is mandatory");
        const auto& own = context.model.nodes_of_volume(key);
        Flags wanted;
        int primaries = 0;
        for (const Json& node : nodes) {
            const Json& id = member(node, "id");
            if (!id.is_number_integer() || !own.contains(id.get<Key>()))
                stop_text("error", "nodes names no node of the volume");
            wanted[id.get<Key>()] = {flag(node, "primary"), flag(node, "use")};
        }
        for (const auto& entry : wanted) primaries += entry.second.primary;
        if (primaries > 1) stop_field("nodes", "Only one node can be the primary one");
        return wanted;
    }

    static void check_cluster(const Model& model, const Flags& wanted) {
        if (wanted.empty()) return;
        const HostRow& first = model.hosts.at(model.volume_nodes.at(wanted.begin()->first).host_id);
        for (const auto& entry : wanted) {
            const Key host = model.volume_nodes.at(entry.first).host_id;
            if (host == first.id && !first.peers.empty()) continue;
            if (!std::binary_search(first.peers.begin(), first.peers.end(), host)) {
                ApiReply reply = bare_reply(400);
                reply.text =
                    "The servers of the nodes are not in one HA cluster; choose nodes of servers that are "
                    "peers";
                throw RestStop{reply};
            }
        }
    }
};

class VolumeNodeResource final : public TableResource<VolumeNodeRow> {
  public:
    VolumeNodeResource() : TableResource("volume_node", &Model::volume_nodes) {
        using enum FieldType;
        add_identity(fields_, *this);
        fields_.push_back(field("path", string, of([](const VolumeNodeRow& n) { return n.path; })));
        fields_.push_back(field("primary", boolean, of([](const VolumeNodeRow& n) { return n.primary; })));
        fields_.push_back(field("use", boolean, of([](const VolumeNodeRow& n) { return n.use; })));
        fields_.push_back(field("volume_id", integer, of([](const VolumeNodeRow& n) { return n.volume_id; }))
        );
        fields_.push_back(field("host_id", integer, of([](const VolumeNodeRow& n) { return n.host_id; })));
        auto label = [](RestContext& context, Key key) {
            return Json(host_label(context.model.hosts.at(context.model.volume_nodes.at(key).host_id)));
        };
        fields_.push_back(field("host_label", string, label));
        auto host = [](RestContext& context, Key key) {
            return Keys{context.model.volume_nodes.at(key).host_id};
        };
        fields_.push_back(relation("host", to_one, "host", host));
        filters_["host"] = {{"exact"}, of([](const VolumeNodeRow& n) { return n.host_id; })};
        filters_["path"] = {{"exact"}};
        seeks_["host"] = [](RestContext& context, const std::string& text) {
            const auto& found = context.model.nodes_of_host(id_in_text(text).value_or(0));
            return Keys(found.begin(), found.end());
        };
    }
};

}  // namespace

void add_volume_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<VolumeResource>());
    list.push_back(std::make_unique<VolumeNodeResource>());
}

}  // namespace csim
