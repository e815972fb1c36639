// `storage_resource_class`: what a plugin's storage resources can be.
// Source: the manager API, §2.24.
#include "manager/rest/fields.hpp"
#include "manager/rest/resource_set.hpp"

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

}  // namespace

void add_storage_class_resource(ResourceList& list) {
    list.push_back(std::make_unique<StorageClassResource>());
}

}  // namespace csim
