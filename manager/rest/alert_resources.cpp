// `alert`, `alert_type`.
// Source: the manager API, §2.17.
#include "manager/model/alerts.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>

namespace csim {

namespace {

Json uri_or_null(ObjectRef item) {
    const std::string uri = resource_uri(item);
    return uri.empty() ? Json(nullptr) : Json(uri);
}

Json affected_json(const Model& model, const AlertRow& alert) {
    Json uris = Json::array();
    const std::string item = resource_uri(alert.item);
    if (!item.empty()) uris.push_back(item);
    const std::int64_t host = model.host_of(alert.item);
    if (host != 0 && alert.item.kind != Kind::host) uris.push_back(resource_uri({Kind::host, host}));
    std::set<std::int64_t> targets;
    if (alert.item.kind == Kind::target) {
        targets.insert(alert.item.id);
    } else if (host != 0) {
        targets = model.target_index.on_host(host);
    }
    std::set<std::int64_t> filesystems;
    for (std::int64_t id : targets) {
        const TargetRow* target = model.targets.find(id);
        if (target == nullptr) continue;
        if (alert.item.kind != Kind::target) uris.push_back(resource_uri({Kind::target, id}));
        const auto& of_mgt = model.target_index.filesystems_of_mgt(id);
        filesystems.insert(of_mgt.begin(), of_mgt.end());
        if (target->filesystem_id != 0) filesystems.insert(target->filesystem_id);
    }
    for (std::int64_t id : filesystems) uris.push_back(resource_uri({Kind::filesystem, id}));
    return uris;
}

class AlertResource final : public TableResource<AlertRow> {
  public:
    AlertResource() : TableResource("alert", &Model::alerts) {
        detail_methods_ = {"get", "patch", "put"};
        watches_ = {Watched::alert};
        newest_first_ = true;
        ordering_ = {"begin", "end", "active"};
        add_identity(fields_, *this);
        add_texts();
        add_times();
        const std::set<std::string> compared{"exact", "gte", "lte", "gt", "lt"};
        const std::set<std::string> searched{"exact", "contains", "startswith", "endswith", "in"};
        for (const char* name : {"begin", "end", "created_at", "id", "lustre_pid", "alert_item_id"})
            filters_[name] = {compared};
        filters_["id"].lookups.insert("in");
        filters_["alert_item_id"].lookups.insert("in");
        filters_["created_at"].value = of([](const AlertRow& a) { return instant(a.begin); });
        filters_["created_at"].type = FieldType::datetime;
        for (const char* name : {"alert_type", "record_type", "severity", "message"})
            filters_[name] = {searched};
        for (const char* name : {"active", "dismissed"}) filters_[name] = {{"exact"}};
        seeks_["alert_item_id"] = [](RestContext& context, const std::string& text) {
            const auto id = id_in_text(text);
            return id ? falling(context.model.alerts_about(*id)) : Keys{};
        };
    }

    /// Newest first; alerts are numbered in the order in which they begin.
    Keys keys(RestContext& context) override {
        const std::string* active = context.target.find("active");
        if (active == nullptr || (*active != "True" && *active != "true"))
            return falling(context.model.alerts.ids());
        const auto& ids = context.model.all_active_alerts();
        return falling(Keys(ids.begin(), ids.end()));
    }

    ApiReply put_detail(RestContext& context, Key key) override { return dismiss(context, key, 200); }
    ApiReply patch_detail(RestContext& context, Key key) override { return dismiss(context, key, 202); }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (path.size() != 1 || path[0] != "dismiss_all" || method != "put") return std::nullopt;
        for (Key key : context.model.alerts.ids()) {
            const AlertRow& alert = context.model.alerts.at(key);
            const bool keep = alert.active && (alert.severity == "WARNING" || alert.severity == "ERROR");
            if (!alert.dismissed && !keep)
                context.model.alerts.edit(key, [](AlertRow& row) { row.dismissed = true; });
        }
        return bare_reply(204);
    }

  private:
    static Keys falling(Keys keys) {
        std::reverse(keys.begin(), keys.end());
        return keys;
    }

    ApiReply dismiss(RestContext& context, Key key, unsigned status) {
        const Json& dismissed = member(context.body, "dismissed");
        if (!dismissed.is_null() && !dismissed.is_boolean()) stop_field("dismissed", "Must be true or false");
        if (dismissed.is_boolean() && dismissed != Json(context.model.alerts.at(key).dismissed)) {
            context.model.alerts.edit(key, [&](AlertRow& row) { row.dismissed = dismissed.get<bool>(); });
        }
        return reply_with(status, to_json(context, key));
    }

    void add_texts() {
        using enum FieldType;
        for (const char* name : {"alert_type", "record_type"}) {
            fields_.push_back(field(name, string, of([](const AlertRow& a) { return a.type; })));
        }
        for (const char* name : {"message", "_message"}) {
            fields_.push_back(field(name, string, of([](const AlertRow& a) { return a.message; })));
        }
        fields_.push_back(field("severity", string, of([](const AlertRow& a) { return a.severity; })));
        fields_.push_back(field("variant", string, of([](const AlertRow& a) { return a.variant; })));
        fields_.push_back(field("alert_item", string, of([](const AlertRow& a) {
                                    return uri_or_null(a.item);
                                })));
        fields_.push_back(
            field("alert_item_id", integer, of([](const AlertRow& a) { return a.item.id; }), Field::nullable)
        );
        fields_.push_back(field("alert_item_str", string, of([](const AlertRow& a) { return a.item_text; })));
        auto affected = [](RestContext& context, Key key) {
            return affected_json(context.model, context.model.alerts.at(key));
        };
        fields_.push_back(field("affected", list, affected, Field::nullable));
        fields_.push_back(field(
            "lustre_pid", integer, [](RestContext&, Key) { return Json(nullptr); }, Field::nullable
        ));
    }

    void add_times() {
        using enum FieldType;
        fields_.push_back(field("begin", datetime, of([](const AlertRow& a) { return instant(a.begin); })));
        fields_.push_back(
            field("end", datetime, of([](const AlertRow& a) { return instant(a.end); }), Field::nullable)
        );
        // Never false: an alert that is over is not active, which the reference writes as null.
        auto active = [](const AlertRow& a) { return a.active ? Json(true) : Json(nullptr); };
        fields_.push_back(field("active", boolean, of(active), Field::nullable));
        fields_.push_back(field("dismissed", boolean, of([](const AlertRow& a) { return a.dismissed; })));
    }
};

class AlertTypeResource final : public Resource {
  public:
    AlertTypeResource() : Resource("alert_type") {
        fields_.push_back(field("id", FieldType::string, [](RestContext&, Key key) {
            return Json(std::to_string(key));
        }));
        fields_.push_back(field("description", FieldType::string, [](RestContext&, Key key) {
            return Json(description(key));
        }));
        fields_.push_back(field("resource_uri", FieldType::string, [this](RestContext&, Key key) {
            return Json(uri(key));
        }));
    }
    Keys keys(RestContext&) override {
        Keys keys;
        for (std::size_t i = 1; i <= alert_type_names().size(); ++i) keys.push_back(static_cast<Key>(i));
        return keys;
    }
    bool has(RestContext&, Key key) override {
        return key >= 1 && key <= static_cast<Key>(alert_type_names().size());
    }

  private:
    /// `HostContactAlert` as people read it: `Host contact alert`.
    static std::string description(Key key) {
        std::string text;
        const std::string name = alert_type_names().at(static_cast<std::size_t>(key - 1));
        for (char c : name) {
            const bool upper = c >= 'A' && c <= 'Z';
            if (upper && !text.empty()) text += ' ';
            text += upper && !text.empty() ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return text;
    }
};

}  // namespace

void add_alert_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<AlertResource>());
    list.push_back(std::make_unique<AlertTypeResource>());
    add_subscription_resource(list);
    add_log_resource(list);
}

}  // namespace csim
