#include "core/utc.hpp"
#include "tests/manager/manager_fixture.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

namespace csim::test {

namespace {

const std::vector<std::string> plugins{
    "action_runner", "linux",           "linux_network",        "lustre",
    "corosync",      "systemd_journal", "simulator_controller",
};

Json wrapped(const Json& value) {
    return Json{{"wrapper_version", 1}, {"result", value}};
}

}  // namespace

ScriptedAgent::ScriptedAgent(ManagerFixture& fixture, std::string name)
    : fqdn(std::move(name)), fixture_(fixture) {
    boot_time_ = utc_text(fixture.timeline.now());
}

ScriptedAgent::~ScriptedAgent() = default;

std::int64_t ScriptedAgent::join(const std::string& profile) {
    const std::string nodename = fqdn.substr(0, fqdn.find('.'));
    const Json body{
        {"fqdn", fqdn},
        {"nodename", nodename},
        {"address", fqdn},
        {"version", "4.0"},
        {"capabilities", Json::array({"manage_targets"})},
        {"csr", plain_request(fqdn, fqdn)}};
    std::optional<HttpReply> reply;
    const std::string secret = fixture_.token(profile);
    fixture_.manager->registrar().register_agent(secret, body.dump(), [&](HttpReply given) {
        reply = std::move(given);
    });
    fixture_.run_until([&] { return reply.has_value(); });
    REQUIRE(reply);
    REQUIRE_MESSAGE(reply->status == 201, reply->body);
    const Json joined = Json::parse(reply->body);
    host_id = joined["host_id"].get<std::int64_t>();
    start();
    return joined["command_id"].get<std::int64_t>();
}

void ScriptedAgent::later(Duration delay, std::function<void()> what) {
    fixture_.timeline.after(delay, [life = std::weak_ptr<int>(life_), what = std::move(what)] {
        if (life.lock()) what();
    });
}

void ScriptedAgent::start() {
    life_ = std::make_shared<int>(0);
    start_time_ = utc_text(fixture_.timeline.now());
    sessions_.clear();
    sequence_.clear();
    std::vector<Message> requests;
    for (const std::string& plugin : plugins) {
        requests.push_back({fqdn, MessageType::session_create_request, plugin, std::nullopt, std::nullopt, {}}
        );
    }
    post(std::move(requests));
    poll();
}

void ScriptedAgent::stop() {
    life_.reset();
    sessions_.clear();
}

void ScriptedAgent::restart() {
    stop();
    life_ = std::make_shared<int>(0);
    later(std::chrono::seconds(1), [this] { start(); });
}

void ScriptedAgent::post(std::vector<Message> messages) {
    AgentPost request;
    request.server_boot_time = boot_time_;
    request.client_start_time = start_time_;
    request.messages = std::move(messages);
    (void)fixture_.manager->agents().post(fqdn, request);
}

void ScriptedAgent::poll() {
    AgentGet request{boot_time_, start_time_};
    auto life = std::weak_ptr<int>(life_);
    fixture_.manager->agents().get(fqdn, request, [this, life](AgentAnswer<std::vector<Message>> answer) {
        if (!life.lock()) return;
        std::vector<Message> messages;
        if (answer) messages = std::move(*answer);
        later(std::chrono::milliseconds(1), [this, messages = std::move(messages)] {
            received(messages);
            poll();
        });
    });
}

void ScriptedAgent::received(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
        if (message.type == MessageType::session_create_response) {
            sessions_[message.plugin->str()] = *message.session_id;
            sequence_[message.plugin->str()] = 0;
        } else if (message.type == MessageType::session_terminate) {
            sessions_.erase(message.plugin->str());
            post(
                {{fqdn, MessageType::session_create_request, *message.plugin, std::nullopt, std::nullopt, {}}}
            );
        } else if (message.type == MessageType::data) {
            run(message.body.to_json());
        }
    }
}

void ScriptedAgent::report(const std::string& plugin, const Json& body) {
    auto at = sessions_.find(plugin);
    REQUIRE_MESSAGE(at != sessions_.end(), plugin);
    post({{fqdn, MessageType::data, plugin, at->second, sequence_[plugin]++, Body(body)}});
}

void ScriptedAgent::run(const Json& body) {
    const std::string id = body["id"].get<std::string>();
    if (body["type"] == "ACTION_CANCEL") {
        cancelled.push_back(id);
        return;
    }
    const std::string action = body["action"].get<std::string>();
    const Json args = body["args"];
    std::string name = action;
    if (action == "device_plugin") name += ":" + args.value("plugin", "");
    actions.push_back(name);
    arguments.push_back(args);
    if (silent.contains(name)) return;
    later(std::chrono::milliseconds(10), [this, id, action, args] { answer(id, action, args); });
}

void ScriptedAgent::answer(const std::string& id, const std::string& action, const Json& args) {
    Json body{
        {"type", "ACTION_COMPLETE"},
        {"id", id},
        {"result", nullptr},
        {"exception", nullptr},
        {"subprocesses", Json::array()}};
    try {
        auto scripted = answers.find(action);
        body["result"] = scripted == answers.end() ? result_of(action, args) : scripted->second(args);
    } catch (const std::runtime_error& failure) {
        body["exception"] = failure.what();
    }
    report("action_runner", body);
    if (!body["exception"].is_null()) return;
    if (action == "restart_agent" || action == "reboot_server") restart();
    if (action == "deregister_server" || action == "shutdown_server") stop();
}

Json ScriptedAgent::network_report() const {
    const Json nid{{"nid_address", nid_address}, {"lnd_type", "tcp"}, {"lnd_network", 0}};
    return Json{
        {"interfaces",
         {{"eth0",
           {{"mac_address", "12:34"},
            {"inet4_address", nid_address},
            {"inet4_prefix", 24},
            {"inet6_address", ""},
            {"type", "tcp"},
            {"rx_bytes", "10"},
            {"tx_bytes", "20"},
            {"up", true},
            {"slave", false}}}}},
        {"lnet", {{"state", lnet_state}, {"nids", {{"eth0", nid}}}}},
    };
}

Json ScriptedAgent::linux_report() const {
    Json none = Json::object();
    return Json{{"devs", devices}, {"mpath", none}, {"lvs", none},
                {"vgs", none},     {"mds", none},   {"local_fs", none}};
}

Json ScriptedAgent::result_of(const std::string& action, const Json& args) {
    static const std::map<std::string, std::string> lnet_after{
        {"load_lnet", "lnet_down"},
        {"start_lnet", "lnet_up"},
        {"stop_lnet", "lnet_down"},
        {"unload_lnet", "lnet_unloaded"},
    };
    if (auto at = lnet_after.find(action); at != lnet_after.end()) lnet_state = at->second;
    if (action == "restart_agent" || action == "reboot_server" || action == "shutdown_server") return nullptr;
    if (action == "device_plugin") {
        const std::string plugin = args["plugin"].get<std::string>();
        if (plugin == "linux") return Json{{plugin, linux_report()}};
        if (plugin == "linux_network") return Json{{plugin, network_report()}};
        return Json{{plugin, Json::object()}};
    }
    if (action == "kernel_status")
        return Json{{"running", "k1"}, {"required", "k1"}, {"available", Json::array({"k1"})}};
    if (action == "install_packages") return Json::object();
    if (action == "get_corosync_autoconfig") {
        const Json eth0{{"dedicated", false}, {"ipaddr", nid_address}, {"prefix", 24}};
        return wrapped(Json{{"interfaces", {{"eth0", eth0}}}, {"mcast_port", 3000}});
    }
    return wrapped(true);
}

}  // namespace csim::test
