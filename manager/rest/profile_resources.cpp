// `server_profile`, `host_profile`.
// Source: the manager API, §2.2 and §2.5.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/rest/stateful_part.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>

namespace csim {

namespace {

class ProfileResource final : public Resource {
  public:
    ProfileResource() : Resource("server_profile") {
        using enum FieldType;
        ordering_ = {"managed", "default"};
        for (const char* name : {"name", "managed", "worker", "default", "user_selectable"})
            filters_[name] = {{"exact"}};
        fields_.push_back(
            field("name", string, of([](const ServerProfile& p) { return p.name; }), Field::unique)
        );
        fields_.push_back(field("ui_name", string, of([](const ServerProfile& p) { return p.ui_name; })));
        fields_.push_back(field("ui_description", string, of([](const ServerProfile& p) {
                                    return p.ui_description;
                                })));
        fields_.push_back(field("initial_state", string, of([](const ServerProfile& p) {
                                    return p.initial_state;
                                })));
        fields_.push_back(field("managed", boolean, of([](const ServerProfile& p) { return p.managed; })));
        fields_.push_back(field("worker", boolean, of([](const ServerProfile& p) { return p.worker; })));
        fields_.push_back(field("user_selectable", boolean, of([](const ServerProfile& p) {
                                    return p.user_selectable;
                                })));
        fields_.push_back(field("ntp", boolean, of([](const ServerProfile& p) { return p.ntp; })));
        fields_.push_back(field("corosync", boolean, of([](const ServerProfile&) { return false; })));
        fields_.push_back(field("corosync2", boolean, of([](const ServerProfile& p) { return p.corosync2; }))
        );
        fields_.push_back(field("pacemaker", boolean, of([](const ServerProfile& p) { return p.pacemaker; }))
        );
        fields_.push_back(field("default", boolean, of([](const ServerProfile&) { return false; })));
        fields_.push_back(field(
            "resource_uri", string, [this](RestContext&, Key key) { return Json(uri(key)); }, Field::readonly
        ));
    }

    Keys keys(RestContext&) override {
        Keys keys;
        for (const ServerProfile& profile : server_profiles()) keys.push_back(profile.id);
        return keys;
    }
    bool has(RestContext&, Key key) override { return key > 0; }
    Key parse_key(const std::string& name) const override {
        const ServerProfile* profile = find_profile(name);
        return profile == nullptr ? 0 : profile->id;
    }
    std::string key_text(Key key) const override { return at(key).name; }

  private:
    static const ServerProfile& at(Key key) { return server_profiles()[static_cast<std::size_t>(key - 1)]; }
    template <class Get>
    static Value of(Get get) {
        return [get](RestContext&, Key key) { return Json(get(at(key))); };
    }
};

/// Whether the host's operating system is one that the profile was made for. Advice only: it may be chosen
/// anyway.
Json system_test(const HostRow& host) {
    const Json properties = Json::parse(host.properties, nullptr, false);
    const Json version = properties.is_object() ? properties.value("distro_version", Json()) : Json();
    const bool known = version.is_number();
    const bool pass = known && version.get<double>() >= 7 && version.get<double>() < 8;
    return Json::array({Json{
        {"pass", pass},
        {"test", "distro_version < 8 and distro_version >= 7"},
        {"description", "The profile is designed for version 7 of EL"},
        {"error", known ? "" : "The version of the operating system is not known yet"}}});
}

/// Which profiles suit which host.
class HostProfileResource final : public TableResource<HostRow> {
  public:
    HostProfileResource() : TableResource("host_profile", &Model::hosts) {
        list_methods_ = {"get", "post", "put"};
        detail_methods_ = {"get", "put"};
        filters_["id"] = {{"exact", "in"}, [](RestContext&, Key key) { return Json(key); }};
        auto profiles = [this](RestContext& context, Key key) {
            const HostRow& host = context.model.hosts.at(key);
            Json valid = Json::object();
            for (const ServerProfile& profile : server_profiles())
                valid[profile.name] = profile.name == "base_managed_rh7" ? system_test(host) : Json::array();
            return Json{
                {"host", key},
                {"address", host.address},
                {"profiles_valid", host.properties != "{}"},
                {"profiles", std::move(valid)},
                {"resource_uri", uri(key)},
            };
        };
        auto null = [](RestContext&, Key) { return Json(nullptr); };
        fields_.push_back(field("host_profiles", FieldType::dict, profiles));
        fields_.push_back(field("error", FieldType::string, null, Field::nullable));
        fields_.push_back(field("traceback", FieldType::string, null, Field::nullable));
    }

    ApiReply post_list(RestContext& context) override { return set_profiles(context); }
    ApiReply put_list(RestContext& context) override { return set_profiles(context); }
    ApiReply put_detail(RestContext& context, Key) override { return set_profiles(context); }

  private:
    static ApiReply set_profiles(RestContext& context) {
        const Json& objects = member(context.body, "objects");
        if (!objects.is_array()) {
            Json row = set_profile(context, context.body);
            if (!row["error"].is_null())
                return reply_with(400, Json{{"error", row["error"]}, {"traceback", nullptr}});
            return row["commands"].empty() ? bare_reply(204) : reply_with(202, row["commands"]);
        }
        Json rows = Json::array();
        bool failed = false;
        for (const Json& object : objects) {
            rows.push_back(set_profile(context, object));
            failed = failed || !rows.back()["error"].is_null();
        }
        return reply_with(failed ? 400 : 202, Json{{"objects", std::move(rows)}});
    }

    static Json set_profile(RestContext& context, const Json& wish) {
        Json row{{"commands", nullptr}, {"error", nullptr}, {"traceback", nullptr}};
        const Json& host_id = member(wish, "host");
        const Json& name = member(wish, "profile");
        const Key id = host_id.is_number_integer() ? host_id.get<Key>() : 0;
        const ServerProfile* profile = name.is_string() ? find_profile(name.get<std::string>()) : nullptr;
        const HostRow* host = context.model.hosts.find(id);
        if (host == nullptr || profile == nullptr) {
            row["error"] = "host must be the number of a host, profile the name of a profile";
            return row;
        }
        if (host->status.state != "unconfigured") {
            row["error"] = "The profile of " + host_label(*host) + " can no longer be changed: it is " +
                           host->status.state;
            return row;
        }
        const auto use = [&](const std::string& chosen, bool immutable) {
            context.model.hosts.edit(id, [&](HostRow& edited) {
                edited.profile = chosen;
                edited.status.immutable = immutable;
            });
        };
        const std::string before = host->profile;
        const bool was_immutable = host->status.immutable;
        use(profile->name, !profile->managed);
        auto started = context.engine.set_state({Kind::host, id}, profile->initial_state);
        if (!started) {
            use(before, was_immutable);
            row["error"] = started.error().detail;
            return row;
        }
        row["commands"] = Json::array();
        if (*started) row["commands"].push_back(stateful::command_json(context, **started));
        return row;
    }
};

}  // namespace

void add_test_host_resource(ResourceList& list);

void add_profile_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<ProfileResource>());
    list.push_back(std::make_unique<HostProfileResource>());
    add_test_host_resource(list);
}

}  // namespace csim
