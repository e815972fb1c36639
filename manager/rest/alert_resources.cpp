// `alert`, `alert_type`, `log`.
// Source: the manager API, §2.17 and §2.18.
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
        for (const char* name : {"alert_type", "record_type", "severity", "message"})
            filters_[name] = {searched};
        for (const char* name : {"active", "dismissed"}) filters_[name] = {{"exact"}};
    }

    /// Newest first; alerts are numbered in the order in which they begin.
    Keys keys(RestContext& context) override {
        const std::string* active = context.target.find("active");
        Keys found;
        if (active != nullptr && (*active == "True" || *active == "true")) {
            const auto& ids = context.model.all_active_alerts();
            found.assign(ids.begin(), ids.end());
        } else {
            found = context.model.alerts.ids();
        }
        std::reverse(found.begin(), found.end());
        return found;
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

    bool may_write(RestContext& context, const std::string&) const override {
        return context.caller.user != nullptr;
    }

  private:
    ApiReply dismiss(RestContext& context, Key key, unsigned status) {
        const Json& dismissed = member(context.body, "dismissed");
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

class LogResource final : public Resource {
  public:
    LogResource() : Resource("log") {
        using enum FieldType;
        ordering_ = {"datetime", "fqdn"};
        add_identity(fields_, *this);
        fields_.push_back(field("datetime", datetime, of([](const LogLine& l) { return instant(l.at); })));
        fields_.push_back(field("fqdn", string, of([](const LogLine& l) { return l.fqdn; })));
        fields_.push_back(field("severity", integer, of([](const LogLine& l) { return l.severity; })));
        fields_.push_back(field("facility", integer, of([](const LogLine& l) { return l.facility; })));
        fields_.push_back(field("tag", string, of([](const LogLine& l) { return l.tag; })));
        fields_.push_back(field("message", string, of([](const LogLine& l) { return l.message; })));
        fields_.push_back(field("message_class", string, of([](const LogLine& l) { return l.message_class; }))
        );
        fields_.push_back(field(
            "substitutions", list, [](RestContext&, Key) { return Json::array(); }, Field::nullable
        ));
        const std::set<std::string> searched{"contains", "exact", "startswith", "endswith"};
        for (const char* name : {"fqdn", "message", "tag", "message_class"}) filters_[name] = {searched};
        filters_["message_class"].lookups.insert("in");
        filters_["datetime"] = {{"exact", "gte", "lte", "gt", "lt"}};
    }

    /// Newest first. Who is no administrator sees what Lustre said only.
    Keys keys(RestContext& context) override {
        const auto& log = context.model.log;
        Keys keys;
        keys.reserve(log.size());
        const bool all = context.caller.administrator();
        SimTime last = SimTime::from_unix_ns(INT64_MIN);
        bool sorted = true;
        for (const LogLine& line : log) {
            if (!all && !line.message_class.starts_with("LUSTRE")) continue;
            sorted = sorted && last <= line.at;
            last = line.at;
            keys.push_back(line.id);
        }
        std::reverse(keys.begin(), keys.end());
        if (sorted) return keys;
        std::stable_sort(keys.begin(), keys.end(), [&](Key a, Key b) {
            return find(context.model, b)->at < find(context.model, a)->at;
        });
        return keys;
    }
    bool has(RestContext& context, Key key) override { return find(context.model, key) != nullptr; }

    void narrow(RestContext& context, Keys& keys) override {
        const std::string* id = context.target.find("host_id");
        if (id == nullptr) return;
        const HostRow* host = context.model.hosts.find(parse_key(*id));
        if (host == nullptr) return keys.clear();
        std::erase_if(keys, [&](Key key) { return find(context.model, key)->fqdn != host->fqdn; });
    }

  private:
    static const LogLine* find(const Model& model, Key key) {
        const auto& log = model.log;
        if (log.empty() || key < log.front().id || key > log.back().id) return nullptr;
        return &log[static_cast<std::size_t>(key - log.front().id)];
    }
    template <class Get>
    static Value of(Get get) {
        return [get](RestContext& context, Key key) { return Json(get(*find(context.model, key))); };
    }
};

}  // namespace

void add_alert_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<AlertResource>());
    list.push_back(std::make_unique<AlertTypeResource>());
    list.push_back(std::make_unique<LogResource>());
}

}  // namespace csim
