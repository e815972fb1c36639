// `storage_resource_class`, `storage_resource`: the controllers that a client may name. They are not polled.
// Source: the manager API, §2.24.
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

#include <array>

namespace csim {

namespace {

struct StorageClass {
    const char* name;
    bool user_creatable;
};
constexpr std::array<StorageClass, 3> storage_classes{{{"Couplet", true}, {"Disk", false}, {"Lun", false}}};
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
            if (!at(key).user_creatable) return Json::array();
            return Json::array({Json{{"name", "controller_id"}, {"label", "Controller id"}}});
        };
        fields_.push_back(field("columns", list, columns));
        auto described = [](RestContext&, Key key) {
            if (!at(key).user_creatable) return Json::array();
            return Json::array({Json{
                {"name", "controller_id"},
                {"label", "Controller id"},
                {"optional", false},
                {"user_read_only", false},
                {"class", "Integer"},
            }});
        };
        fields_.push_back(field("fields", list, described));
        for (const char* name : {"plugin_name", "class_name", "user_creatable", "plugin_internal"})
            filters_[name] = {{"exact"}};
    }
    Keys keys(RestContext&) override { return {1, 2, 3}; }
    bool has(RestContext&, Key key) override { return key >= 1 && key <= 3; }

  private:
    static const StorageClass& at(Key key) { return storage_classes.at(static_cast<std::size_t>(key - 1)); }
};

class StorageResource final : public TableResource<ControllerRow> {
  public:
    StorageResource() : TableResource("storage_resource", &Model::controllers) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "delete"};
        add_identity(fields_, *this);
        auto name = [](const ControllerRow& row) {
            return "Controller " + std::to_string(row.controller_id);
        };
        fields_.push_back(field("alias", string, of(name)));
        fields_.push_back(field("default_alias", string, of(name)));
        fields_.push_back(field("plugin_name", string, [](RestContext&, Key) { return Json(plugin); }));
        fields_.push_back(field("class_name", string, [](RestContext&, Key) { return Json("Couplet"); }));
        auto attributes = [](const ControllerRow& row) {
            return Json{
                {"controller_id",
                 {{"raw", row.controller_id},
                  {"markup", std::to_string(row.controller_id)},
                  {"label", "Controller id"},
                  {"class", "Integer"}}}};
        };
        fields_.push_back(field("attributes", dict, of(attributes)));
        for (const char* none : {"alerts", "propagated_alerts", "charts"}) {
            fields_.push_back(field(none, list, [](RestContext&, Key) { return Json::array(); }));
        }
        fields_.push_back(field("stats", dict, [](RestContext&, Key) { return Json::object(); }));
        fields_.push_back(field("deletable", boolean, [](RestContext&, Key) { return Json(true); }));
        fields_.push_back(field(
            "parent_classes", list, [](RestContext&, Key) { return Json(nullptr); }, Field::nullable
        ));
        auto id_text = [](const ControllerRow& row) {
            return "controller_id=" + std::to_string(row.controller_id);
        };
        fields_.push_back(field("storage_id_str", string, of(id_text)));
        for (const char* filtered : {"plugin_name", "class_name"}) filters_[filtered] = {{"exact"}};
    }

    ApiReply post_list(RestContext& context) override {
        if (member(context.body, "plugin_name") != Json(plugin))
            stop_field("plugin_name", "There is no such plugin");
        if (member(context.body, "class_name") != Json("Couplet"))
            stop_field("class_name", "There is no such class to create");
        const Json& id = member(member(context.body, "attrs"), "controller_id");
        if (!id.is_number_integer()) stop_field("controller_id", "Must be a whole number");
        Key key = 0;
        context.model.controllers.each([&](const ControllerRow& row) {
            if (row.controller_id == id.get<std::int64_t>()) key = row.id;
        });
        if (key == 0) {
            key = context.model.next_id("storage_resource");
            context.model.controllers.insert({key, id.get<std::int64_t>()});
        }
        ApiReply reply = reply_with(201, to_json(context, key));
        reply.headers.emplace_back("Location", uri(key));
        return reply;
    }

    ApiReply delete_detail(RestContext& context, Key key) override {
        context.model.controllers.erase(key);
        return bare_reply(202);
    }
};

}  // namespace

void add_storage_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<StorageClassResource>());
    list.push_back(std::make_unique<StorageResource>());
}

}  // namespace csim
