// `system_status`, and the list of all resources.
// Source: the manager API, §5.
#include "manager/rest/resource_set.hpp"
#include "manager/rest/rest_api.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace csim {

namespace {

std::int64_t unix_seconds(SimTime at) {
    return at.unix_ns() / 1'000'000'000;
}

/// `0:01:40`; days are counted apart.
std::string uptime_text(std::int64_t seconds) {
    char clock[32];
    std::snprintf(
        clock, sizeof clock, "%d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
        static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60)
    );
    const std::int64_t days = seconds / 86400;
    return days == 0 ? clock : std::to_string(days) + " days, " + clock;
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
        const auto pid = static_cast<std::int64_t>(getpid());
        const std::string uptime = uptime_text(unix_seconds(now) - unix_seconds(services_.started_at));
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
                {"pid", pid},
                {"exitstatus", 0},
                {"spawnerr", ""},
                {"description", "pid " + std::to_string(pid) + ", uptime " + uptime},
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

}  // namespace

void add_system_resources(ResourceList& list, ResourceServices& services) {
    list.push_back(std::make_unique<SystemStatusResource>(services));
    add_package_resource(list);
    add_help_resource(list);
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
