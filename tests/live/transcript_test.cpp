// The life of a small cluster over mutual TLS, from the first log-in to the removal of everything.
// Source: the manager API, §6; each step is a paragraph of it.
#include "manager/jobs/job_engine.hpp"
#include "manager/model/model.hpp"
#include "tests/live/live_fleet.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("live/transcript");

namespace {

using Names = std::vector<std::string>;

const std::string first = "test000.localdomain", second = "test001.localdomain";

/// True if `part` stands in `whole` in this order, with anything in between.
bool in_order(const Names& part, const Names& whole) {
    auto at = whole.begin();
    for (const std::string& name : part) {
        at = std::find(at, whole.end(), name);
        if (at == whole.end()) return false;
        ++at;
    }
    return true;
}

std::string text_of(const Names& names) {
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
}

struct Transcript : LiveFleet {
    Transcript()
        : LiveFleet(
              {.cluster_size = 2, .server_count = 4, .worker_count = 0, .volume_count = 6, .psu_count = 2},
              FenceBy::built_in
          ) {}

    Json list(const std::string& path) { return rest("GET", path).json()["objects"]; }
    RestReply post_job(const char* name, const char* argument, int id) {
        const Json job{{"class_name", name}, {"args", {{argument, id}}}};
        return rest("POST", "api/command/", {{"message", name}, {"jobs", Json::array({job})}});
    }
    Names active_alerts() {
        Names types;
        for (const Json& alert : list("api/alert/?active=True&limit=0")) types.push_back(alert["alert_type"]);
        return types;
    }
    bool alert(const std::string& type) {
        const Names active = active_alerts();
        return std::find(active.begin(), active.end(), type) != active.end();
    }
    bool offers(int host, const std::string& job) {
        const Json jobs = rest("GET", "api/host/" + std::to_string(host) + "/").json()["available_jobs"];
        return std::any_of(jobs.begin(), jobs.end(), [&](const Json& each) {
            return each["class_name"] == job;
        });
    }
    /// What a client does: asks once a second until it is so.
    bool comes_true(const std::function<bool()>& condition, int seconds = 180) {
        for (int i = 0; i < seconds; ++i) {
            if (condition()) return true;
            run_for(1s);
        }
        return condition();
    }
    Json target(int id) { return rest("GET", "api/target/" + std::to_string(id) + "/").json(); }

    void logs_in();
    void registers();
    void chooses_volumes();
    void knows_power_strips();
    void creates_the_filesystem();
    void cuts_power();
    void restores_power();
    void fails_back();
    void tears_down();
};

void Transcript::logs_in() {
    const RestReply visit = rest("GET", "api/session/");
    CHECK(visit.json() == Json{{"user", nullptr}, {"read_enabled", true}, {"resource_uri", "/api/session/"}});
    log_in();
    CHECK(rest("GET", "api/session/").json()["user"]["username"] == "admin");
    const Json programs = rest("GET", "api/system_status/").json()["supervisor"];
    for (const Json& program : programs) CHECK(program["statename"] == "RUNNING");
}

void Transcript::registers() {
    const std::vector<std::int64_t> commands = register_all();
    REQUIRE(commands.size() == 4);
    for (std::int64_t command : commands) {
        const Json done = finish(command);
        CHECK(done["jobs"].size() == 10);
        REQUIRE_MESSAGE((done["errored"] == false && done["cancelled"] == false), done.dump());
    }
    CHECK(rest("GET", "api/command/1/").json()["message"] == "Deploying agent to host test000");
    const Json hosts = rest("GET", "api/host/").json();
    CHECK(hosts["meta"]["total_count"] == 4);
    for (const Json& host : hosts["objects"]) CHECK(host["state"] == "managed");
    CHECK(hosts["objects"][0]["fqdn"] == first);
    const Names ran = actions(first);
    CAPTURE(text_of(ran));
    // What the plugins report is asked of the agents themselves: the world runs no `device_plugin`.
    const Names begin{"update_profile", "restart_agent", "install_packages", "kernel_status"};
    REQUIRE(ran.size() > begin.size());
    CHECK(Names(ran.begin(), ran.begin() + 4) == begin);
    CHECK(in_order({"load_lnet", "start_lnet", "initialise_block_device_drivers"}, ran));
    CHECK(in_order(
        {"get_corosync_autoconfig", "configure_network", "configure_corosync2_stage_1",
         "configure_corosync2_stage_2", "start_corosync2", "start_pacemaker", "configure_pacemaker",
         "stop_pacemaker", "start_pacemaker", "initialise_block_device_drivers"},
        ran
    ));
    CHECK(in_order({"kernel_status", "configure_ntp", "initialise_block_device_drivers"}, ran));
    for (const char* job : {"ForceRemoveHostJob", "RebootHostJob", "ShutdownHostJob"}) CHECK(offers(1, job));
}

/// Volume n has its primary node on host n and its secondary one on that host's peer.
void Transcript::chooses_volumes() {
    CHECK(comes_true([&] { return list("api/ha_cluster/").size() == 2; }));
    const Json volumes = list("api/volume/?category=usable&limit=0");
    REQUIRE(volumes.size() == 6);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(volumes[i]["status"] == "configured-ha");
        CHECK(volumes[i]["volume_nodes"].size() == 4);
        const auto primary = static_cast<std::int64_t>(i + 1);
        const std::int64_t peer = primary % 2 == 1 ? primary + 1 : primary - 1;
        Json nodes = Json::array();
        for (const Json& node : volumes[i]["volume_nodes"]) {
            if (node["host_id"] == primary || node["host_id"] == peer)
                nodes.push_back({{"id", node["id"]}, {"primary", node["host_id"] == primary}, {"use", true}});
        }
        const std::string uri = volumes[i]["resource_uri"].get<std::string>().substr(1);
        CHECK(rest("PUT", uri, {{"id", volumes[i]["id"]}, {"nodes", nodes}}).status == 200);
    }
}

void Transcript::knows_power_strips() {
    for (const Json& type : list("api/power_control_type?limit=0"))
        CHECK(rest("DELETE", type["resource_uri"].get<std::string>().substr(1)).status == 204);
    tell_power_strips();
    CHECK(list("api/power_control_type/")[0]["name"] == "APC 7900 (4 outlets)");
    CHECK(comes_true([&] {
        const Json outlets = list("api/power_control_device_outlet/?limit=0");
        return outlets.size() == 8 && std::all_of(outlets.begin(), outlets.end(), [](const Json& outlet) {
                   return outlet["has_power"] == true;
               });
    }));
    CHECK(comes_true([&] { return list("api/command/?complete=false").empty(); }));
    CHECK(in_order({"configure_fencing", "configure_fencing"}, actions(first)));
}

void Transcript::creates_the_filesystem() {
    const auto on = [](int volume) { return Json{{"volume_id", volume}, {"conf_params", Json::object()}}; };
    const RestReply made = rest(
        "POST", "api/filesystem/",
        {{"name", "testfs"},
         {"mgt", {{"volume_id", 1}}},
         {"mdts", Json::array({on(2)})},
         {"osts", Json::array({on(3), on(4)})},
         {"conf_params", Json::object()}}
    );
    REQUIRE_MESSAGE(made.status == 202, made.text);
    CHECK(made.json()["filesystem"]["state"] == "unavailable");
    CHECK(made.json()["command"]["message"] == "Creating filesystem testfs");
    succeed(made);
    const Json filesystem = rest("GET", "api/filesystem/1/").json();
    CHECK(filesystem["state"] == "available");
    CHECK(filesystem["mount_path"] == "10.0.0.1@tcp0:10.0.0.2@tcp0:/testfs");
    CHECK(filesystem["osts"] == Json{"/api/target/3/", "/api/target/4/"});
    const Json targets = list("api/target/?filesystem_id=1");
    REQUIRE(targets.size() == 4);
    for (int i = 0; i < 4; ++i) {
        CHECK(targets[i]["active_host"] == "/api/host/" + std::to_string(i + 1) + "/");
        CHECK(targets[i]["state"] == "mounted");
    }
    CHECK(list("api/alert/?active=True&severity=ERROR").empty());
    const Names ran = actions(first);
    CAPTURE(text_of(ran));
    CHECK(in_order(
        {"import_target", "check_block_device", "format_target", "export_target", "open_firewall",
         "configure_target_store", "configure_target_ha", "import_target", "start_target"},
        ran
    ));
    CHECK(in_order({"import_target", "register_target", "export_target", "start_target"}, actions(second)));
}

void Transcript::cuts_power() {
    CHECK(offers(1, "PoweroffHostJob"));
    power.calls.clear();
    succeed(post_job("PoweroffHostJob", "host_id", 1));
    CHECK(std::count(power.calls.begin(), power.calls.end(), "off 1") == 2);
    for (const PowerStrip* strip : simulator->world().power().strips()) CHECK_FALSE(strip->on(1));
    CHECK_FALSE(node(first).up());
    CHECK(node(second).up());
    CHECK(comes_true([&] { return target(1)["active_host"] == "/api/host/2/"; }));
    CHECK(target(1)["active_host_name"] == "test001");
    CHECK(target(1)["state"] == "mounted");
    CHECK(rest("GET", "api/filesystem/1/").json()["state"] == "available");
    CHECK(comes_true([&] { return alert("TargetFailoverAlert") && alert("HostOfflineAlert"); }));
    CHECK(comes_true([&] { return alert("HostContactAlert"); }));
    CHECK_FALSE(offers(1, "RebootHostJob"));
    CHECK_FALSE(offers(1, "ShutdownHostJob"));
    CHECK(offers(1, "PoweronHostJob"));
    const Json outlets = list("api/power_control_device_outlet/?limit=0");
    for (const Json& outlet : outlets) CHECK(outlet["has_power"] == (outlet["host"] != "/api/host/1/"));
}

void Transcript::restores_power() {
    const Json booted = rest("GET", "api/host/1/").json()["boot_time"];
    succeed(post_job("PoweronHostJob", "host_id", 1));
    CHECK(comes_true([&] {
        return node(first).up() && !alert("HostContactAlert") && !alert("HostOfflineAlert");
    }));
    CHECK(comes_true([&] {
        return rest("GET", "api/host/1/").json()["boot_time"].get<std::string>() > booted.get<std::string>();
    }));
    CHECK_FALSE(list("api/alert/?alert_type=HostRebootEvent&alert_item_id=1").empty());
    CHECK(target(1)["active_host"] == "/api/host/2/");
    actions(first);
}

void Transcript::fails_back() {
    CHECK(comes_true([&] {
        const Json jobs = target(1)["available_jobs"];
        return jobs.size() == 1 && jobs[0]["class_name"] == "FailbackTargetJob";
    }));
    succeed(post_job("FailbackTargetJob", "target_id", 1));
    const Names ran = actions(first);
    CHECK(std::count(ran.begin(), ran.end(), "failback_target") == 1);
    CHECK(target(1)["active_host"] == "/api/host/1/");
    CHECK_FALSE(alert("TargetFailoverAlert"));
    // Reports agree, and go on agreeing.
    run_for(30s);
    CHECK(target(1)["active_host"] == "/api/host/1/");
    CHECK_FALSE(alert("TargetFailoverAlert"));
}

void Transcript::tears_down() {
    const RestReply removal = rest("DELETE", "api/filesystem/1/");
    REQUIRE(removal.status == 202);
    Names jobs = job_classes(removal.json()["command"]["id"]);
    std::sort(jobs.begin(), jobs.end());
    CHECK(
        jobs ==
        Names{
            "MakeAvailableFilesystemUnavailable", "RemoveConfiguredTargetJob", "RemoveConfiguredTargetJob",
            "RemoveConfiguredTargetJob", "RemoveFilesystemJob", "StopTargetJob", "StopTargetJob",
            "StopTargetJob", "StopUnavailableFilesystemJob"}
    );
    succeed(removal);
    CHECK(actions(first).back() == "purge_configuration");
    const Json left = list("api/target/?kind=MGT&limit=0");
    REQUIRE(left.size() == 1);
    CHECK(left[0]["state"] == "mounted");
    succeed(rest("DELETE", "api/target/1/"));
    std::vector<RestReply> removals;
    for (int host = 1; host <= 4; ++host)
        removals.push_back(rest("DELETE", "api/host/" + std::to_string(host) + "/"));
    for (const RestReply& each : removals) succeed(each);
    CHECK(in_order(
        {"stop_pacemaker", "stop_corosync2", "unconfigure_corosync2", "deregister_server"}, actions(second)
    ));
    for (const char* path :
         {"api/filesystem/?limit=0", "api/target/?kind=MGT&limit=0", "api/host/", "api/volume/?limit=0"})
        CHECK_MESSAGE(list(path).empty(), path);
    CHECK(rest("DELETE", "api/session/").status == 204);
    // Agents act on their removal after they have answered it.
    CHECK(run_until([&] {
        const auto nodes = simulator->world().nodes();
        return std::none_of(nodes.begin(), nodes.end(), [&](const FakeServer* each) {
            return each->up() || simulator->credentials().registered(each->fqdn());
        });
    }));
}

}  // namespace

TEST_CASE("the worked transcript: from log-in to failover by cutting power and the removal of everything") {
    Transcript t;
    t.logs_in();
    t.registers();
    t.chooses_volumes();
    t.knows_power_strips();
    t.creates_the_filesystem();
    t.cuts_power();
    t.restores_power();
    t.fails_back();
    t.tears_down();
}

TEST_SUITE_END();
