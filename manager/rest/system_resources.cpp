// `system_status`, `package`, `help`, and lists of what this manager does not manage yet.
// Source: the manager API, §2.19, §2.27 and §5.
#include "manager/rest/resource_set.hpp"
#include "manager/rest/rest_api.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>
#include <map>

namespace csim {

namespace {

std::int64_t unix_seconds(SimTime at) {
    return at.unix_ns() / 1'000'000'000;
}

class SystemStatusResource final : public Resource {
  public:
    explicit SystemStatusResource(ResourceServices& services)
        : Resource("system_status"), services_(services) {
        detail_methods_ = {};
    }
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }

    std::optional<ApiReply> whole(RestContext& context) override {
        const Json table{{"columns", Json::array()}, {"rows", Json::array()}};
        Json body{
            {"resource_uri", "/api/system_status/"},
            {"supervisor", programs(context.model.now())},
            {"postgres",
             {{"pg_stat_activity", connections()},
              {"table_stats", {{"pg_stat_user_tables", table}, {"pg_statio_user_tables", table}}}}},
            {"rabbitmq", {{"queues", queues()}}},
        };
        return reply_with(200, std::move(body));
    }

  private:
    /// The parts that other managers run as programs; all of them live and die with this one.
    Json programs(SimTime now) const {
        Json list = Json::array();
        for (const char* name :
             {"gunicorn", "nginx", "http_agent", "job_scheduler", "plugin_runner", "syslog", "corosync",
              "power_control", "lustre_audit", "stats", "realtime", "view_server"}) {
            list.push_back(Json{
                {"name", name},
                {"group", name},
                {"statename", "RUNNING"},
                {"state", 20},
                {"start", unix_seconds(services_.started_at)},
                {"now", unix_seconds(now)},
                {"stop", 0},
                {"pid", 1},
                {"exitstatus", 0},
                {"spawnerr", ""},
                {"description", ""},
                {"logfile", ""},
                {"stdout_logfile", ""},
                {"stderr_logfile", ""},
            });
        }
        return list;
    }

    /// One row per open connection of clients; there is no database.
    Json connections() const {
        Json rows = Json::array();
        const std::size_t open = services_.connections ? services_.connections() : 0;
        for (std::size_t i = 0; i < std::max<std::size_t>(open, 1); ++i) {
            rows.push_back(
                Json::array({"manager", i + 1, 10, "manager", "", nullptr, nullptr, false, "idle", ""})
            );
        }
        Json columns = Json::array(
            {"datname", "pid", "usesysid", "usename", "application_name", "client_hostname", "state_change",
             "waiting", "state", "query"}
        );
        return Json{{"columns", std::move(columns)}, {"rows", std::move(rows)}};
    }

    Json queues() const {
        Json list = Json::array();
        for (const QueueFigures& queue : services_.queues()) {
            list.push_back(Json{
                {"name", queue.name},
                {"messages", queue.messages},
                {"message_stats_publish_details_rate", queue.publish_rate},
                {"message_stats_ack_details_rate", queue.ack_rate},
            });
        }
        return list;
    }

    ResourceServices& services_;
};

/// Versions of packages, and on which hosts they are. Made anew for each request: nobody asks often.
class PackageResource final : public Resource {
  public:
    PackageResource() : Resource("package") { detail_methods_ = {}; }
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }

    std::optional<ApiReply> whole(RestContext& context) override {
        using Hosts = std::pair<std::vector<std::string>, std::vector<std::string>>;
        std::map<std::pair<std::string, PackageVersion>, Hosts> versions;
        const std::string* wanted = context.target.find("host");
        for (const auto& [host, known] : context.model.host_volatile) {
            if (!known.packages || (wanted != nullptr && *wanted != std::to_string(host))) continue;
            const std::string uri = resource_uri({Kind::host, host});
            for (const auto& [name, state] : *known.packages) {
                for (const auto& version : state.available) versions[{name, version}].first.push_back(uri);
                for (const auto& version : state.installed) versions[{name, version}].second.push_back(uri);
            }
        }
        Json objects = Json::array();
        for (const auto& [package, hosts] : versions) {
            const auto& [epoch, version, release, arch] = package.second;
            objects.push_back(Json{
                {"name", package.first},
                {"epoch", epoch},
                {"version", version},
                {"release", release},
                {"arch", arch},
                {"available_hosts", hosts.first},
                {"installed_hosts", hosts.second},
                {"resource_uri", "/api/package/" + std::to_string(objects.size() + 1) + "/"},
            });
        }
        return reply_with(200, page(context, std::move(objects)));
    }

  private:
    static Json page(const RestContext& context, Json objects) {
        const std::string* limit = context.target.find("limit");
        const std::size_t total = objects.size();
        const std::size_t shown =
            limit != nullptr && *limit == "0" ? total : std::min<std::size_t>(total, 20);
        auto& array = objects.get_ref<Json::array_t&>();
        array.resize(shown);
        Json meta{
            {"limit", limit != nullptr && *limit == "0" ? 0 : 20},
            {"offset", 0},
            {"total_count", total},
            {"next", nullptr},
            {"previous", nullptr}};
        return Json{{"meta", std::move(meta)}, {"objects", std::move(objects)}};
    }
};

class HelpResource final : public Resource {
  public:
    HelpResource() : Resource("help") { detail_methods_ = {}; }
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }

    std::optional<ApiReply> special(
        RestContext& context, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (path.size() != 1 || path[0] != "conf_param" || method != "get") return std::nullopt;
        if (!context.target.find("kind") && !context.target.find("keys"))
            stop_field("kind", "This field is mandatory");
        return reply_with(200, Json::object());
    }
};

/// A resource of the catalogue without objects.
class EmptyResource final : public Resource {
  public:
    explicit EmptyResource(std::string name) : Resource(std::move(name)) {}
    Keys keys(RestContext&) override { return {}; }
    bool has(RestContext&, Key) override { return false; }
};

}  // namespace

void add_system_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<SystemStatusResource>(services));
    list.push_back(std::make_unique<PackageResource>());
    list.push_back(std::make_unique<HelpResource>());
    for (const char* name : {"alert_subscription"}) {
        list.push_back(std::make_unique<EmptyResource>(name));
    }
}

void add_resources(RestApi& api, ResourceServices& services) {
    ResourceList list;
    add_host_resources(list, services);
    add_network_resources(list, services);
    add_ha_resources(list, services);
    add_command_resources(list, services);
    add_alert_resources(list, services);
    add_volume_resources(list, services);
    add_user_resources(list, services);
    add_profile_resources(list, services);
    add_token_resources(list, services);
    add_system_resources(list, services);
    add_storage_resources(list, services);
    add_lustre_resources(list, services);
    add_power_resources(list, services);
    add_hsm_resources(list, services);
    for (auto& resource : list) api.add(std::move(resource));
}

}  // namespace csim
