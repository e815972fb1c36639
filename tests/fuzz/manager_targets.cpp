// The manager's REST API and its handlers of agents' data. The manager is made once and lives through all
// inputs, as a real one does.
#include "core/json_codec.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/manager/full_world.hpp"

#include <sstream>

namespace csim::test {

namespace {

FullWorld& world() {
    static FullWorld the_world;
    return the_world;
}

/// Statuses that the API is specified to answer with; 500 is a bug.
bool known(unsigned status) {
    static const std::set<unsigned> statuses{200, 201, 202, 204, 304, 400, 401, 403, 404, 405};
    return statuses.contains(status);
}

/// `METHOD TARGET`, a line end, and a body.
void rest_request(std::string_view input) {
    FullWorld& w = world();
    const auto line = input.find('\n');
    std::istringstream first{std::string(input.substr(0, line))};
    HttpRequest request;
    first >> request.method >> request.target;
    request.headers = w.f().headers;
    if (line != std::string_view::npos) request.body = std::string(input.substr(line + 1));
    w.f().documents->save_all();
    const std::uint64_t writes = w.f().writes();
    auto reply = std::make_shared<std::optional<HttpReply>>();
    w.f().manager->rest(request, [reply](HttpReply given) { *reply = std::move(given); });
    w.f().documents->save_all();
    if (!*reply) return;  // a long poll, or a job that is being cancelled
    const HttpReply& answer = **reply;
    if (!known(answer.status))
        throw FuzzFailure("status " + std::to_string(answer.status) + ": " + answer.body);
    // Whoever was logged out by an input goes on as before.
    if (answer.status == 401) w.f().log_in("admin");
    const bool refused = answer.status >= 400 && answer.status != 401;
    if (refused && w.f().writes() != writes)
        throw FuzzFailure("refused with " + std::to_string(answer.status) + ", and yet something was saved");
    const std::string* type = find_field(answer.headers, "Content-Type");
    if (type != nullptr && *type == "application/json" && !parse_json(answer.body, 200))
        throw FuzzFailure("the reply is not JSON: " + answer.body.substr(0, 200));
}

/// `PLUGIN`, a line end, and the body of a report.
void agent_report(std::string_view input) {
    FullWorld& w = world();
    const auto line = input.find('\n');
    const std::string plugin(input.substr(0, line));
    if (line == std::string_view::npos) return;
    const auto body = parse_json(input.substr(line + 1));
    static const std::set<std::string> plugins{
        "linux", "linux_network", "lustre", "corosync", "systemd_journal"};
    if (!body || !plugins.contains(plugin)) return;
    ScriptedAgent& agent = *w.cluster.agents[0];
    // A report that is refused costs the session; the agent makes another one.
    w.f().run_until([&] { return agent.has_session(plugin); }, std::chrono::minutes(2));
    agent.report(plugin, *body);
    w.f().documents->save_all();
    const RestAnswer hosts = w.get("/api/host/?limit=0");
    if (hosts.status != 200) throw FuzzFailure("the hosts can no longer be listed");
}

std::vector<std::string> request_seeds() {
    return {
        "GET /api/host/?fqdn__startswith=test&order_by=-fqdn&limit=2",
        "GET "
        "/api/alert/?alert_type__in=HostContactAlert,AlertEvent&begin__gte=2024-01-01T00:00:00&active=True",
        "GET /api/volume/?category=usable&limit=0&host_id=1&primary=true",
        "GET /api/target/metric/?metrics=kbytesfree&latest=true&reduce_fn=sum&group_by=kind",
        "GET /api/lnet_configuration/?dehydrate__nids=true&dehydrate__host=false&host__id__in=1,2",
        "GET /api/log/?message__contains=Lustre&datetime__lt=2030-01-01T00:00:00&message_class__in=LUSTRE",
        "PUT /api/lnet_configuration/1/\n{\"state\": \"lnet_down\", \"dry_run\": true}",
        "PUT /api/host/1/\n{\"state\": \"removed\", \"dry_run\": true}",
        "PUT /api/host/\n{\"objects\": [{\"address\": \"x\", \"state\": \"managed\"}]}",
        "POST /api/registration_token/\n{\"profile\": \"/api/server_profile/default/\", \"credits\": 2}",
        "POST /api/user/\n{\"username\": \"joe\", \"password1\": \"a\", \"password2\": \"a\", \"groups\": "
        "[\"/api/group/3/\"]}",
        "PUT /api/volume/6/\n{\"id\": 6, \"nodes\": [{\"id\": 6, \"primary\": true, \"use\": true}]}",
        "POST /api/target/\n{\"kind\": \"OST\", \"volume_id\": 5, \"filesystem_id\": 1, \"conf_params\": "
        "{\"osc.active\": \"1\"}}",
        "POST /api/filesystem/\n{\"name\": \"other\", \"mgt\": {\"id\": 1}, \"mdts\": [{\"volume_id\": 5}], "
        "\"osts\": "
        "[{\"volume_id\": 6}], \"conf_params\": {\"sys.timeout\": \"20\"}}",
        "PUT /api/filesystem/1/\n{\"conf_params\": {\"llite.max_cached_mb\": \"16\"}}",
        "POST /api/nid/\n{\"network_interface\": \"/api/network_interface/1/\", \"lnd_network\": 3, "
        "\"lnd_type\": \"tcp\"}",
        "POST /api/command/\n{\"message\": \"m\", \"jobs\": [{\"class_name\": \"UpdateDevicesJob\", "
        "\"args\": {\"hosts\": []}}]}",
        "PUT /api/job/1/\n{\"id\": 1, \"state\": \"cancelled\"}",
        "POST /api/power_control_device/\n{\"device_type\": \"/api/power_control_type/1/\", \"address\": "
        "\"127.0.0.1\", "
        "\"port\": 2301}",
        "PATCH /api/power_control_device_outlet/2/\n{\"host\": \"/api/host/2/\"}",
        "POST /api/copytool/\n{\"filesystem\": \"/api/filesystem/1/\", \"host\": \"/api/host/3/\", "
        "\"bin_path\": \"/b\", "
        "\"archive\": 2, \"mountpoint\": \"/m\", \"hsm_arguments\": \"\"}",
        "POST /api/storage_resource/\n{\"plugin_name\": \"simulator_controller\", \"class_name\": "
        "\"Couplet\", \"attrs\": "
        "{\"controller_id\": 4}}",
        "POST /api/session/\n{\"username\": \"admin\", \"password\": \"wrong\"}",
        "PUT /api/corosync_configuration/\n{\"objects\": [{\"id\": 1, \"mcast_port\": 4000, "
        "\"network_interfaces\": []}]}",
        "PATCH /api/alert_subscription/\n{\"objects\": [], \"deleted_objects\": "
        "[\"/api/alert_subscription/9/\"]}",
    };
}

std::vector<std::string> report_seeds() {
    FullWorld& w = world();
    return {
        "linux_network\n" + w.cluster.agents[0]->network_report().dump(),
        "linux\n" + w.cluster.agents[0]->linux_report().dump(),
        "lustre\n" + full_lustre_report(w.f().timeline.now()).dump(),
        "corosync\n{\"state\": {\"corosync\": \"started\", \"pacemaker\": \"started\"}, \"crm_info\": "
        "{\"nodes\": "
        "{\"test000\": {\"online\": \"true\"}}, \"options\": {\"stonith_enabled\": true}, \"datetime\": "
        "\"2026-11-21T10:00:00+00:00\"}}",
        "systemd_journal\n{\"log_lines\": [{\"source\": \"s\", \"severity\": 1, \"facility\": 1, "
        "\"message\": \"Lustre: x: "
        "connection from a@b t0\", \"datetime\": \"2026-11-21T10:00:00+00:00\"}]}",
    };
}

}  // namespace

std::vector<FuzzTarget> manager_targets() {
    return {{"rest_request", rest_request, request_seeds()}, {"agent_report", agent_report, report_seeds()}};
}

}  // namespace csim::test
