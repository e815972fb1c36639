// `storage_resource`: controllers that a client named, and the LUNs and disks that
// those told of. Source: the manager API, §2.24.
#include "manager/rest/metrics.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"
#include "manager/storage/controller_figures.hpp"
#include "manager/storage/controller_polling.hpp"

namespace csim {

namespace {

constexpr const char* plugin = "simulator_controller";

Json attribute(const char* label, const char* type, Json raw, std::string markup) {
    return Json{{"raw", std::move(raw)}, {"markup", std::move(markup)}, {"label", label}, {"class", type}};
}

class StorageResource final : public Resource {
  public:
    explicit StorageResource(ControllerPolling& polling) : Resource("storage_resource"), polling_(polling) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "delete", "put"};
        add_identity(fields_, *this);
        fields_.push_back(field("alias", string, alias));
        fields_.push_back(field("default_alias", string, default_alias));
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
        fields_.push_back(field("charts", list, charts));
        fields_.push_back(field("stats", dict, stats));
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

    /// The alias is all that a client can change; an empty one gives the resource its own name back.
    ApiReply put_detail(RestContext& context, Key key) override {
        const Json& wanted = member(context.body, "alias");
        if (!wanted.is_null() && !wanted.is_string()) stop_field("alias", "Must be text");
        std::string name = wanted.is_string() ? wanted.get<std::string>() : std::string();
        if (name.size() > alias_max) stop_field("alias", "Must not be longer than 255 bytes");
        if (!context.body.contains("alias")) stop_field("alias", "This field is mandatory");
        refuse_other_attributes(context, key);
        // A whole object that comes back must not freeze the name that it has by itself.
        if (Json(name) == default_alias(context, key)) name.clear();
        auto change = [&](auto& row) { row.alias = name; };
        if (context.model.controllers.find(key) != nullptr) {
            context.model.controllers.edit(key, change);
        } else {
            context.model.storage_items.edit(key, change);
        }
        return reply_with(200, to_json(context, key));
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
        return metrics_reply(context, *this, path, [](const Model& model, Key key) {
            return std::vector{model.storage_metrics.find({Kind::storage_resource, key})};
        });
    }

  private:
    static constexpr std::size_t alias_max = 255;

    static void refuse_other_attributes(RestContext& context, Key key) {
        const Json& wanted = member(context.body, "attributes");
        if (!wanted.is_object()) return;
        const Json present = attributes(context, key);
        for (const auto& [name, value] : wanted.items()) {
            const Json& raw = value.is_object() ? member(value, "raw") : value;
            if (!present.contains(name) || present[name]["raw"] == raw) continue;
            stop_field("attributes", name + " comes from the controller and cannot be changed");
        }
    }

    static std::string class_text(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        return item == nullptr ? "Couplet" : item->class_name;
    }

    static std::optional<MetricView> newest(RestContext& context, Key key) {
        const auto* series = context.model.storage_metrics.find({Kind::storage_resource, key});
        if (series == nullptr || series->empty()) return std::nullopt;
        return series->back();
    }

    static Json histogram(const MetricView& sample, std::size_t first) {
        Json values = Json::array();
        for (std::size_t i = first; i < sample.values.size(); ++i) values.push_back(sample.values[i]);
        return Json{
            {"name", latency_histogram},
            {"label", "Write latency"},
            {"type", "histogram"},
            {"unit_name", "Samples"},
            {"data", {{"bin_labels", latency_bins()}, {"values", std::move(values)}}}};
    }

    /// The newest figures; none before the controller has answered for the first time.
    static Json stats(RestContext& context, Key key) {
        Json found = Json::object();
        const std::optional<MetricView> sample = newest(context, key);
        if (!sample) return found;
        const auto& figures = storage_figures(class_text(context, key));
        for (std::size_t i = 0; i < figures.size(); ++i) {
            found[std::string(figures[i].name)] = Json{
                {"name", figures[i].name},
                {"label", figures[i].label},
                {"type", "timeseries"},
                {"unit_name", figures[i].unit},
                {"data", sample->values[i]}};
        }
        if (sample->values.size() > figures.size())
            found[std::string(latency_histogram)] = histogram(*sample, figures.size());
        return found;
    }

    static Json charts(RestContext& context, Key key) {
        const std::string name = class_text(context, key);
        auto chart = [](const char* title, std::vector<std::string> series) {
            return Json{{"title", title}, {"series", std::move(series)}};
        };
        Json found = Json::array();
        if (name == "Couplet") return found;
        found.push_back(chart("Bandwidth", {"read_bytes_sec", "write_bytes_sec"}));
        if (name == "Disk") return found;
        found.push_back(chart("Operations", {"read_ops_sec", "write_ops_sec"}));
        found.push_back(chart("Latency", {std::string(latency_histogram)}));
        return found;
    }

    static Json class_name(RestContext& context, Key key) { return class_text(context, key); }

    static Json alias(RestContext& context, Key key) {
        const StorageItemRow* item = context.model.storage_items.find(key);
        const std::string& given = item != nullptr ? item->alias : context.model.controllers.at(key).alias;
        return given.empty() ? default_alias(context, key) : Json(given);
    }

    static Json default_alias(RestContext& context, Key key) {
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

void add_storage_class_resource(ResourceList& list);

void add_storage_resources(ResourceList& list, ResourceServices& services) {
    add_storage_class_resource(list);
    list.push_back(std::make_unique<StorageResource>(services.controllers));
}

}  // namespace csim
