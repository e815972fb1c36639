// `storage_resource_class`, `storage_resource`: controllers that a client named, and the LUNs and disks that
// those told of. Source: the manager API, §2.24.
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"
#include "manager/storage/controller_polling.hpp"

#include <array>

namespace csim {

namespace {

struct Attribute {
    const char* name;
    const char* label;
    const char* type;
};

struct StorageClass {
    const char* name;
    bool user_creatable;
    std::vector<Attribute> attributes;
};

const std::array<StorageClass, 3>& storage_classes() {
    static const std::array<StorageClass, 3> classes{{
        {"Couplet", true, {{"controller_id", "Controller id", "Integer"}}},
        {"Disk", false, {{"wwid", "Wwid", "String"}, {"size", "Size", "Bytes"}}},
        {"Lun", false, {{"lun_id", "Lun id", "String"}, {"size", "Size", "Bytes"}}},
    }};
    return classes;
}

constexpr const char* plugin = "simulator_controller";

class StorageClassResource final : public Resource {
  public:
    StorageClassResource() : Resource("storage_resource_class") {
        using enum FieldType;
        ordering_ = {"class_name"};
        add_identity(fields_, *this);
        fields_.push_back(field("plugin_name", string, [](RestContext&, Key) { return Json(plugin); }));
        fields_.push_back(field("class_name", string, [](RestContext&, Key key) {
            return Json(at(key).name);
        }));
        auto label = [](RestContext&, Key key) { return Json(std::string(plugin) + "-" + at(key).name); };
        fields_.push_back(field("label", string, label));
        fields_.push_back(field("plugin_internal", boolean, [](RestContext&, Key) { return Json(false); }));
        fields_.push_back(field("user_creatable", boolean, [](RestContext&, Key key) {
            return Json(at(key).user_creatable);
        }));
        auto columns = [](RestContext&, Key key) {
            Json list = Json::array();
            for (const Attribute& each : at(key).attributes)
                list.push_back(Json{{"name", each.name}, {"label", each.label}});
            return list;
        };
        fields_.push_back(field("columns", list, columns));
        auto described = [](RestContext&, Key key) {
            Json list = Json::array();
            for (const Attribute& each : at(key).attributes) {
                list.push_back(Json{
                    {"name", each.name},
                    {"label", each.label},
                    {"optional", false},
                    {"user_read_only", false},
                    {"class", each.type}});
            }
            return list;
        };
        fields_.push_back(field("fields", dict, described));
        filters_["id"] = {{"exact", "in"}};
        for (const char* name : {"plugin_name", "class_name", "user_creatable", "plugin_internal"})
            filters_[name] = {{"exact"}};
    }
    Keys keys(RestContext&) override { return {1, 2, 3}; }
    bool has(RestContext&, Key key) override { return key >= 1 && key <= 3; }

  private:
    static const StorageClass& at(Key key) { return storage_classes().at(static_cast<std::size_t>(key - 1)); }
};

Json attribute(const char* label, const char* type, Json raw, std::string markup) {
    return Json{{"raw", std::move(raw)}, {"markup", std::move(markup)}, {"label", label}, {"class", type}};
}

class StorageResource final : public Resource {
  public:
    explicit StorageResource(ControllerPolling& polling) : Resource("storage_resource"), polling_(polling) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "delete"};
        add_identity(fields_, *this);
        for (const char* name : {"alias", "default_alias"}) fields_.push_back(field(name, string, alias));
        fields_.push_back(field("plugin_name", string, [](RestContext&, Key) { return Json(plugin); }));
        fields_.push_back(field("class_name", string, class_name));
        fields_.push_back(field("attributes", dict, attributes));
        fields_.push_back(field("alerts", list, [](RestContext& context, Key key) {
            return alerts_of(context, key);
        }));
        auto propagated = [](RestContext& context, Key key) {
            const StorageItemRow* item = context.model.storage_items.find(key);
            return item == nullptr ? Json::array() : alerts_of(context, item->controller_row);
        };
        fields_.push_back(field("propagated_alerts", list, propagated));
        fields_.push_back(field("charts", list, [](RestContext&, Key) { return Json::array(); }));
        fields_.push_back(field("stats", dict, [](RestContext&, Key) { return Json::object(); }));
        auto deletable = [](RestContext& context, Key key) {
            return Json(context.model.controllers.find(key) != nullptr);
        };
        fields_.push_back(field("deletable", boolean, deletable));
        fields_.push_back(field(
            "parent_classes", list, [](RestContext&, Key) { return Json(nullptr); }, Field::nullable
        ));
        fields_.push_back(field("storage_id_str", string, id_text));
        filters_["id"] = {{"exact", "in"}};
        for (const char* filtered : {"plugin_name", "class_name"}) filters_[filtered] = {{"exact"}};
    }

    Keys keys(RestContext& context) override {
        Keys found = context.model.controllers.ids();
        const Keys items = context.model.storage_items.ids();
        const auto middle = static_cast<std::ptrdiff_t>(found.size());
        found.insert(found.end(), items.begin(), items.end());
        std::inplace_merge(found.begin(), found.begin() + middle, found.end());
        return found;
    }
    bool has(RestContext& context, Key key) override {
        return context.model.controllers.find(key) != nullptr ||
               context.model.storage_items.find(key) != nullptr;
    }

    ApiReply post_list(RestContext& context) override {
        if (member(context.body, "plugin_name") != Json(plugin))
            stop_field("plugin_name", "There is no such plugin; it must be simulator_controller");
        if (member(context.body, "class_name") != Json("Couplet"))
            stop_field("class_name", "There is no such class to create; it must be Couplet");
        const Json& id = member(member(context.body, "attrs"), "controller_id");
        const bool whole = id.is_number_integer() && id.dump().size() < 19;
        if (!whole || id.get<std::int64_t>() < 0) stop_field("controller_id", "Must be a whole number");
        const Key key = polling_.add(id.get<std::int64_t>());
        ApiReply reply = reply_with(201, to_json(context, key));
        reply.headers.emplace_back("Location", uri(key));
        return reply;
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        if (context.model.controllers.find(key) == nullptr)
            stop_text("error", "Only what was created by a client can be deleted; delete its controller");
        polling_.remove(key);
        return bare_reply(202);
    }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (method != "get") return std::nullopt;
        return metrics_reply(context, *this, path, own_metrics(Kind::storage_resource));
    }

  private:
    static Json class_name(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        return item == nullptr ? "Couplet" : item->class_name;
    }

    static Json alias(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        if (item != nullptr) return item->class_name + " " + item->key;
        return "Controller " + std::to_string(context.model.controllers.at(key).controller_id);
    }

    static Json id_text(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        if (item != nullptr) return Json::array({item->key}).dump();
        return Json::array({context.model.controllers.at(key).controller_id}).dump();
    }

    static Json attributes(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        if (item == nullptr) {
            const std::int64_t id = context.model.controllers.at(key).controller_id;
            return Json{{"controller_id", attribute("Controller id", "Integer", id, std::to_string(id))}};
        }
        const bool lun = item->class_name == "Lun";
        return Json{
            {lun ? "lun_id" : "wwid", attribute(lun ? "Lun id" : "Wwid", "String", item->key, item->key)},
            {"size", attribute("Size", "Bytes", item->size_bytes, std::to_string(item->size_bytes))}};
    }

    static Json alerts_of(RestContext& context, Key key) {
        Json list = Json::array();
        for (Key id : context.model.active_alerts({Kind::storage_resource, key}))
            list.push_back(context.resources.at("alert")->nested_json(context, id));
        return list;
    }

    ControllerPolling& polling_;
};

}  // namespace

void add_storage_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<StorageClassResource>());
    list.push_back(std::make_unique<StorageResource>(services.controllers));
}

}  // namespace csim
