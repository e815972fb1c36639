#include "tests/manager/full_world.hpp"

#include "core/utc.hpp"
#include "manager/copytool_records.hpp"

#include <doctest/doctest.h>

namespace csim::test {

void TableOfControllers::poll(std::int64_t controller, Done done) {
    auto shared = std::make_shared<Done>(std::move(done));
    timeline_.after(std::chrono::milliseconds(1), [this, controller, shared] {
        auto at = controllers.find(controller);
        if (at == controllers.end()) return (*shared)(Error{Errc::unreachable, "nobody answers"});
        (*shared)(at->second);
    });
}

Json full_lustre_report(SimTime at) {
    auto version = [](const char* text) { return Json::array({0, text, "1", "x86_64"}); };
    Json packages{
        {"external",
         {{"lustre-client",
           {{"available", Json::array({version("2.1")})}, {"installed", Json::array({version("2.0")})}}}}},
        {"foreign", {{"other", {{"available", Json::array({version("9")})}, {"installed", Json::array()}}}}}};
    Json properties{{"zfs_installed", false}, {"distro", "CentOS"},     {"distro_version", 7.2},
                    {"python_patchlevel", 5}, {"kernel_version", "k1"}, {"python_version_major_minor", 2.7}};
    Json ost{{"kbytestotal", 2000}, {"kbytesfree", 1500}, {"kbytesavail", 1400},
             {"filestotal", 100},   {"filesfree", 90},    {"num_exports", 3}};
    Json mdt{
        {"kbytestotal", 1000},
        {"kbytesfree", 900},
        {"filestotal", 5000},
        {"filesfree", 4000},
        {"client_count", 2}};
    Json targets{{"testfs-MDT0000", mdt}, {"testfs-OST0000", ost}, {"testfs-OST0001", ost}};
    Json node{
        {"hostname", "test000"},
        {"meminfo", {{"MemTotal", 1000}, {"MemFree", 400}}},
        {"cpustats", {{"iowait", 1}, {"idle", 50}, {"total", 100}, {"user", 30}, {"system", 19}}}};
    return Json{
        {"started_at", utc_text(at)},
        {"agent_version", "4.0"},
        {"capabilities", Json::array()},
        {"properties", properties},
        {"packages", packages},
        {"resource_locations", nullptr},
        {"mounts", nullptr},
        {"metrics",
         {{"raw",
           {{"node", node},
            {"lustre", {{"target", targets}, {"lnet", Json::object()}, {"jobid_var", "x"}}},
            {"lustre_client_mounts", nullptr}}}}}};
}

const std::vector<std::string>& FullWorld::resources() {
    static const std::vector<std::string> names{
        "alert",
        "alert_subscription",
        "alert_type",
        "client_mount",
        "command",
        "copytool",
        "copytool_operation",
        "corosync_configuration",
        "filesystem",
        "group",
        "ha_cluster",
        "host",
        "host_profile",
        "job",
        "lnet_configuration",
        "log",
        "network_interface",
        "nid",
        "package",
        "pacemaker_configuration",
        "power_control_device",
        "power_control_device_outlet",
        "power_control_type",
        "registration_token",
        "server_profile",
        "step",
        "storage_resource",
        "storage_resource_class",
        "target",
        "user",
        "volume",
        "volume_node",
    };
    return names;
}

FullWorld::FullWorld()
    : cluster(2, 6), controllers(cluster.f.timeline), worker(cluster.f, "worker000.localdomain") {
    f().manager->use_controller_source(controllers);
    cluster.created("testfs", 2);
    add_worker();
    add_equipment();
    add_people();
    report_lustre();
    f().advance(std::chrono::seconds(2));
}

void FullWorld::restart() {
    f().restart();
    f().manager->use_controller_source(controllers);
}

void FullWorld::report_lustre() {
    const SimTime now = f().timeline.now();
    for (auto& agent : cluster.agents) agent->report("lustre", full_lustre_report(now));
    const Json line{
        {"source", "kernel"},
        {"severity", 1},
        {"facility", 1},
        {"datetime", utc_text(now)},
        {"message", "Lustre: testfs-OST0000: connection from c1@10.0.0.1@tcp t0 exp"}};
    cluster.agents[0]->report("systemd_journal", Json{{"log_lines", Json::array({line})}});
}

void FullWorld::add_worker() {
    worker.nid_address = "10.0.0.9";
    REQUIRE(cluster.succeeds(worker.join("posix_copytool_worker")));
    Json wish{
        {"filesystem", "/api/filesystem/1/"},
        {"host", "/api/host/" + std::to_string(worker.host_id) + "/"},
        {"bin_path", "/usr/sbin/lhsmtool_posix"},
        {"archive", 1},
        {"mountpoint", "/mnt/testfs"},
        {"hsm_arguments", "-p /tmp"}};
    REQUIRE(f().rest("POST", "/api/copytool/", wish).status == 202);
    REQUIRE(
        cluster.succeeds(cluster.command_of(f().rest("PUT", "/api/copytool/1/", Json{{"state", "started"}})))
    );
    CopytoolRecords records(model(), f().manager->jobs());
    CopytoolEvent event;
    event.time = f().timeline.now();
    event.kind = CopytoolEvent::Kind::operation;
    event.phase = CopytoolEvent::Phase::start;
    event.lustre_path = "boot/vmlinuz";
    event.data_fid = "0x1:0x2:0x0";
    event.total_bytes = 100;
    (void)records.operation_started("1", event);
}

void FullWorld::add_equipment() {
    const Json type{{"agent", "fence_apc"}, {"make", "APC"}, {"model", "7900"}, {"max_outlets", 2}};
    REQUIRE(f().rest("POST", "/api/power_control_type/", type).status == 201);
    const Json device{
        {"device_type", "/api/power_control_type/1/"}, {"address", "127.0.0.1"}, {"port", 2300}};
    REQUIRE(f().rest("POST", "/api/power_control_device/", device).status == 201);
    const Json host{{"host", "/api/host/1/"}};
    REQUIRE(f().rest("PATCH", "/api/power_control_device_outlet/1/", host).status == 202);
    f().advance(std::chrono::seconds(1));
    controllers.controllers[3] = {{{"LUN1000", {1'000'000, {"w1"}}}}, {{"w1", 500'000}}};
    const Json couplet{
        {"plugin_name", "simulator_controller"},
        {"class_name", "Couplet"},
        {"attrs", {{"controller_id", 3}}}};
    REQUIRE(f().rest("POST", "/api/storage_resource/", couplet).status == 201);
}

void FullWorld::add_people() {
    const Json subscription{{"user", "/api/user/1/"}, {"alert_type", "/api/alert_type/1/"}};
    REQUIRE(f().rest("POST", "/api/alert_subscription/", subscription).status == 201);
    (void)f().token("base_managed_rh7", 3);
    const Json jane{
        {"username", "jane"},
        {"password1", "secret"},
        {"password2", "secret"},
        {"groups", Json::array({"/api/group/3/"})}};
    REQUIRE(f().rest("POST", "/api/user/", jane).status == 201);
}

}  // namespace csim::test
