#include "runtime/lxd_host/exec_session.hpp"
#include "runtime/simulated/node_commands.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

constexpr std::size_t unsent_max = 64u << 20;
constexpr int seconds_to_connect = 30;  ///< the real one has about five
constexpr Duration host_was_up = 63min;

std::map<std::string, std::string> filled(std::map<std::string, std::string> environment) {
    environment.insert(
        {{"HOME", "/root"},
         {"LANG", "C.UTF-8"},
         {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
         {"USER", "root"}}
    );
    return environment;
}

/// As a terminal shows it.
std::string with_returns(const std::string& text) {
    std::string shown;
    for (const char c : text) shown += c == '\n' ? "\r\n" : std::string(1, c);
    return shown;
}

}  // namespace

/// The reading half of one socket.
class LxdExec::Side final : public SocketReader {
  public:
    Side(LxdExec& exec, std::shared_ptr<Session> session, std::string fd)
        : exec_(exec), alive_(exec.alive_), session_(std::move(session)), fd_(std::move(fd)) {}
    void text(std::string payload) override { said(true, payload); }
    void binary(std::string payload) override { said(false, payload); }
    void closed() override {
        if (fd_ == "0") said(true, "");
    }

  private:
    void said(bool text, const std::string& payload) {
        if (!alive_.expired()) exec_.said(session_, fd_, text, payload);
    }
    LxdExec& exec_;
    std::weak_ptr<bool> alive_;
    std::shared_ptr<Session> session_;
    const std::string fd_;
};

LxdExec::~LxdExec() = default;

LxdReply LxdExec::exec(LxdCall& call) {
    LxdInstance& instance = instances_.found(call.path[2]);
    const Json body = call.json();
    auto session = std::make_shared<Session>();
    const auto command = body.find("command");
    if (command == body.end() || !command->is_array() || command->empty())
        throw LxdRefusal{400, "A command is a list of words and has at least one"};
    for (const Json& word : *command) {
        if (!word.is_string()) throw LxdRefusal{400, "A command is a list of words and has at least one"};
        session->spec.command.push_back(word.get<std::string>());
    }
    session->spec.environment = filled(texts_in(body, "environment"));
    session->spec.folder = text_in(body, "cwd");
    session->waits = flag_in(body, "wait-for-websocket");
    session->interactive = flag_in(body, "interactive");
    session->record = flag_in(body, "record-output");
    if (instance.state == LxdInstance::State::frozen) throw LxdRefusal{400, "Instance is frozen"};
    if (!instance.up()) throw LxdRefusal{400, "Instance is not running"};
    session->instance = instance.name;
    session->by = call.peer;
    Json metadata, resources{
                       {"containers", {"/1.0/containers/" + instance.name}},
                       {"instances", {"/1.0/instances/" + instance.name}}};
    if (session->waits) open_sockets(session, metadata);
    LxdOperations::Start start;
    start.type = session->waits ? "websocket" : "task";
    start.description = "Executing command";
    start.resources = &resources;
    Json fds = metadata.is_null() ? Json::object() : metadata["fds"];
    start.metadata = &metadata;
    session->operation = context_.operations.begin(std::move(start));
    for (const auto& [fd, secret] : fds.items())
        context_.operations.open_socket(
            session->operation, secret.get<std::string>(),
            [this, session, fd = fd](LxdCall& from) { joined(session, fd, from); }
        );
    const HttpReply reply = context_.operations.accepted(session->operation);
    if (!session->waits) {
        session->input_ended = true;
        run(session);
        return reply;
    }
    context_.timeline.after(seconds_to_connect * context_.second, [this, session] {
        if (!session->begun) finish(session, -1, "Timed out waiting for websockets to connect");
    });
    return reply;
}

void LxdExec::open_sockets(const std::shared_ptr<Session>& session, Json& metadata) {
    Json fds{{"0", secret_word()}, {"control", secret_word()}};
    if (!session->interactive) fds["1"] = secret_word(), fds["2"] = secret_word();
    session->wanted = session->interactive ? 1 : 3;
    metadata = {
        {"command", session->spec.command},
        {"environment", session->spec.environment},
        {"fds", fds},
        {"interactive", session->interactive}};
}

void LxdExec::joined(const std::shared_ptr<Session>& session, const std::string& fd, LxdCall& call) {
    auto side = std::make_unique<Side>(*this, session, fd);
    const auto socket = call.responder.upgrade(call.request, std::move(side), unsent_max);
    if (context_.faults.strikes("ws-close-early", "exec", session->instance)) return socket->cut();
    session->sockets[fd] = socket;
    if (fd == "control" || --session->wanted > 0) return;
    session->begun = true;
    const Json words{{"command", session->spec.command}};
    context_.events.lifecycle("instance-exec", "/1.0/instances/" + session->instance, words, nullptr);
    if (in_shell(*session)) {
        say(session->sockets["0"], exec_prompt);
    } else if (session->input_ended || !reads_input(session->spec.command)) {
        run(session);
    }
}

void LxdExec::said(
    const std::shared_ptr<Session>& session, const std::string& fd, bool text, const std::string& payload
) {
    if (session->ended) return;
    if (fd == "control") return control(session, payload);
    if (fd != "0") return;
    const bool end = text && payload.empty();
    if (session->interactive && !end) return typed(session, payload);
    if (session->input_ended) return;
    session->input_ended = end;
    session->spec.input += payload;
    if (session->spec.input.size() > exec_input_max) return finish(session, 1, "too much input");
    if (!end) return;
    if (session->interactive && session->begun) return finish(session, 129, "");
    if (session->begun && reads_input(session->spec.command)) run(session);
}

void LxdExec::run(const std::shared_ptr<Session>& session) {
    LxdInstance* const instance = instances_.find(session->instance);
    if (instance == nullptr || !instance->up()) return finish(session, 137, "");
    CommandScene scene{
        instance->own_files(), instance->name, context_.now(),
        context_.timeline.now() - instance->started + host_was_up};
    ExecSpec spec = session->spec;
    if (is_shell(spec.command)) spec.command[0] = "sh";
    const CommandRun result = run_command(scene, spec);
    if (context_.faults.strikes("wedge", "exec", instance->name)) return;
    session->work = context_.host.submit(
        NodePhase::exec, false, result.takes,
        [this, session, result = result.result, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) ran(session, result);
        }
    );
}

void LxdExec::ran(const std::shared_ptr<Session>& session, const ExecResult& result) {
    if (session->ended) return;
    const bool shell =
        session->interactive && session->spec.command.size() == 1 && is_shell(session->spec.command);
    const bool missing =
        result.status == 127 && result.err == session->spec.command[0] + ": command not found\n";
    const bool barred = result.status == 126 && result.err == session->spec.command[0] + ": cannot execute\n";
    if (session->interactive) {
        if (!missing || shell) say(session->sockets["0"], with_returns(result.out + result.err));
        if (shell) {
            session->busy = false;
            say(session->sockets["0"], exec_prompt);
            return typed(session, "");
        }
    } else if (session->waits && !missing && !barred) {
        say(session->sockets["1"], result.out);
        say(session->sockets["2"], result.err);
    }
    LxdInstance* const instance = instances_.find(session->instance);
    if (session->record && instance != nullptr) {
        const std::string name = "exec_" + session->operation;
        instance->logs[name + ".stdout"] = result.out;
        instance->logs[name + ".stderr"] = missing || barred ? "" : result.err;
    }
    finish(session, result.status, missing ? "Command not found" : barred ? "Command not executable" : "");
}

void LxdExec::finish(const std::shared_ptr<Session>& session, int status, const std::string& error) {
    if (session->ended) return;
    session->ended = session->begun = true;
    for (const auto& [fd, socket] : session->sockets) {
        if (fd == "control" || (fd == "0" && !session->interactive)) continue;
        socket->text("");
    }
    Json metadata = context_.operations.metadata(session->operation);
    metadata["return"] = status;
    if (session->record) {
        const std::string path = "/1.0/instances/" + session->instance + "/logs/exec_" + session->operation;
        metadata["output"] = {{"1", path + ".stdout"}, {"2", path + ".stderr"}};
    }
    context_.operations.update(session->operation, metadata);
    context_.operations.finish(session->operation, error);
    for (const auto& [fd, socket] : session->sockets) socket->close();
    session->sockets.clear();
}

void LxdExec::add_routes(LxdRoutes& routes) {
    routes.add_instances("POST", "/*/exec", [this](LxdCall& call) { return exec(call); });
    add_file_routes(routes);
}

}  // namespace csim
