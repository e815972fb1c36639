#include "vcluster/docker/docker_runtime.hpp"

#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace csim {
namespace {

NodeError node_error(NodePhase phase, const Error& error) {
    NodeError::Kind kind = NodeError::Kind::internal;
    if (error.code == Errc::not_found) kind = NodeError::Kind::not_found;
    if (error.code == Errc::conflict)
        kind = phase == NodePhase::create ? NodeError::Kind::exists : NodeError::Kind::busy;
    if (error.code == Errc::refused) kind = NodeError::Kind::denied;
    return {kind, phase, "engine", error.detail};
}

NodeState state_of(const Json& container) {
    std::string state;
    if (container.contains("State") && container["State"].is_string())
        state = container["State"].get<std::string>();
    if (container.contains("State") && container["State"].is_object())
        state = container["State"].value("Status", "");
    if (state == "running") return NodeState::running;
    if (state == "created" || state == "configured" || state == "initialized") return NodeState::created;
    if (state == "paused") return NodeState::frozen;
    return state == "exited" || state == "stopped" ? NodeState::stopped
           : state == "dead"                       ? NodeState::error
                                                   : NodeState::stopped;
}

NodeInfo info_of(const Json& container) {
    NodeInfo info;
    const std::string name = container["Names"].empty() ? "" : container["Names"][0].get<std::string>();
    info.name = name.substr(name.starts_with("/") ? 1 : 0);
    info.state = state_of(container);
    return info;
}

std::string without_newline(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// Paths reach these as $1, so that nothing in them is taken for the shell's language.
const char* const reading =
    "if [ -d \"$1\" ]; then echo d; ls -1a \"$1\"; elif [ -e \"$1\" ]; then echo f; cat \"$1\"; else exit "
    "44; fi";
const char* const writing = "cat >\"$1\" && chmod \"$2\" \"$1\" && chown \"$3\" \"$1\"";
// Small texts go without standard input, which engines hand over less surely than arguments.
const char* const writing_text = "printf %s \"$4\" >\"$1\" && chmod \"$2\" \"$1\" && chown \"$3\" \"$1\"";
constexpr std::size_t text_max = 64 << 10;
const char* const making = "{ [ -d \"$1\" ] || mkdir \"$1\"; } && chmod \"$2\" \"$1\" && chown \"$3\" \"$1\"";
const char* const linking = "ln -sf \"$2\" \"$1\"";

ExecSpec script(const char* text, std::vector<std::string> arguments) {
    ExecSpec spec;
    spec.command = {"sh", "-c", text, "sh"};
    spec.command.insert(spec.command.end(), arguments.begin(), arguments.end());
    return spec;
}

std::string octal(unsigned mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%o", mode);
    return text;
}

ExecSpec writing_spec(const std::string& path, const NodeFile& file) {
    const std::string owner = std::to_string(file.uid) + ":" + std::to_string(file.gid);
    if (file.type == NodeFile::Type::directory) return script(making, {path, octal(file.mode), owner});
    if (file.type == NodeFile::Type::symlink) return script(linking, {path, file.content});
    const bool small = file.content.size() <= text_max && file.content.find('\0') == std::string::npos;
    if (small) return script(writing_text, {path, octal(file.mode), owner, file.content});
    ExecSpec spec = script(writing, {path, octal(file.mode), owner});
    spec.input = file.content;
    return spec;
}

bool broke_off(const std::string& told) {
    return told.find("connection reset by peer") != std::string::npos ||
           told.find("broken pipe") != std::string::npos;
}

NodeResult<NodeFile> file_of(const ExecResult& ran, const std::string& path) {
    NodeFile file;
    if (ran.status == 44)
        return NodeError{
            NodeError::Kind::not_found, NodePhase::file, "open", path + ": No such file or directory"};
    if (ran.status != 0 || ran.out.size() < 2)
        return NodeError{
            NodeError::Kind::denied, NodePhase::file, "open", path + ": " + without_newline(ran.err)};
    file.content = ran.out.substr(2);
    if (ran.out[0] == 'f') return file;
    file.type = NodeFile::Type::directory;
    std::istringstream lines(std::exchange(file.content, {}));
    for (std::string line; std::getline(lines, line);)
        if (line != "." && line != "..") file.entries.push_back(line);
    return file;
}

}  // namespace

DockerRuntime::DockerRuntime(
    EventLoop& loop, Timeline& timeline, DockerHosts hosts, std::string label, ContainerBody body
)
    : loop_(loop),
      hosts_(std::move(hosts)),
      label_(std::move(label)),
      body_(std::move(body)),
      pending_(timeline) {}

DockerRuntime::~DockerRuntime() {
    *alive_ = false;
    crew_.end();
}

template <class T>
Ticket DockerRuntime::ask(
    NodePhase phase, const std::string& name, Duration limit, Answer<T> answer,
    std::function<NodeResult<T>(const CallLimit&)> work
) {
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    const Ticket ticket =
        pending_.begin<T>(phase, name, limit, std::move(answer), [cancelled] { *cancelled = true; });
    crew_.run([this, ticket, cancelled, limit, alive = std::weak_ptr(alive_),
               work = std::move(work)](std::size_t) {
        const CallLimit until{limit > Duration::zero() ? limit + Duration(1s) : limit, cancelled.get()};
        auto result = std::make_shared<NodeResult<T>>(work(until));
        loop_.post([this, ticket, alive, result] {
            if (!alive.expired()) pending_.finish<T>(ticket, std::move(*result));
        });
    });
    return ticket;
}

RuntimeAbilities DockerRuntime::abilities() {
    RuntimeAbilities can;
    const auto ping = hosts_.all()[0].engine.call("GET", "/_ping", nullptr, {5s, nullptr});
    can.usable = can.exec = can.files = can.stats = can.network = ping.has_value();
    if (!ping) can.why_not = ping.error().detail;
    return can;
}

Ticket DockerRuntime::create(NodeSpec spec, Duration limit, Answer<Done> answer) {
    const std::string name = spec.name;
    return ask<Done>(
        NodePhase::create, name, limit, std::move(answer),
        [this, name, body = body_(spec)](const CallLimit& until) -> NodeResult<Done> {
            const auto made =
                hosts_.engine_of(name, until).call("POST", "/containers/create?name=" + name, body, until);
            if (!made) return node_error(NodePhase::create, made.error());
            return Done{};
        }
    );
}

Ticket DockerRuntime::start(std::string name, Duration limit, Answer<Done> answer) {
    return ask<Done>(
        NodePhase::start, name, limit, std::move(answer),
        [this, name](const CallLimit& until) -> NodeResult<Done> {
            const auto started =
                hosts_.engine_of(name, until).call("POST", "/containers/" + name + "/start", nullptr, until);
            if (!started) return node_error(NodePhase::start, started.error());
            if (started->status == 304)
                return NodeError{NodeError::Kind::busy, NodePhase::start, "state", name + " is running"};
            return Done{};
        }
    );
}

Ticket DockerRuntime::exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) {
    return ask<ExecResult>(
        NodePhase::exec, name, limit, std::move(answer),
        [this, name, spec = std::move(spec)](const CallLimit& until) -> NodeResult<ExecResult> {
            auto ran = hosts_.engine_of(name, until).exec(name, spec, until);
            if (!ran) return node_error(NodePhase::exec, ran.error());
            return std::move(*ran);
        }
    );
}

Ticket DockerRuntime::read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) {
    return ask<NodeFile>(
        NodePhase::file, name, limit, std::move(answer),
        [this, name, path](const CallLimit& until) -> NodeResult<NodeFile> {
            const auto ran = hosts_.engine_of(name, until).exec(name, script(reading, {path}), until);
            if (!ran) return node_error(NodePhase::file, ran.error());
            return file_of(*ran, path);
        }
    );
}

Ticket DockerRuntime::write_file(
    std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer
) {
    return ask<Done>(
        NodePhase::file, name, limit, std::move(answer),
        [this, name, path, file = std::move(file)](const CallLimit& until) -> NodeResult<Done> {
            const ExecSpec spec = writing_spec(path, file);
            auto ran = hosts_.engine_of(name, until).exec(name, spec, until);
            // Writing again is writing once, so a stream that broke off is not the end.
            for (int i = 0; i < 3 && ran && ran->status != 0 && broke_off(ran->err); ++i)
                ran = hosts_.engine_of(name, until).exec(name, spec, until);
            if (!ran) return node_error(NodePhase::file, ran.error());
            if (ran->status == 0) return Done{};
            const bool missing = ran->err.find("o such file") != std::string::npos ||
                                 ran->err.find("nonexistent directory") != std::string::npos ||
                                 ran->err.find("irectory nonexistent") != std::string::npos;
            return NodeError{
                missing ? NodeError::Kind::not_found : NodeError::Kind::denied, NodePhase::file, "write",
                path + ": " + without_newline(ran->err)};
        }
    );
}

Ticket DockerRuntime::stats(std::string name, Duration limit, Answer<NodeStats> answer) {
    return ask<NodeStats>(
        NodePhase::stats, name, limit, std::move(answer),
        [this, name](const CallLimit& until) -> NodeResult<NodeStats> {
            const auto seen =
                hosts_.engine_of(name, until).call("GET", "/containers/" + name + "/json", nullptr, until);
            if (!seen) return node_error(NodePhase::stats, seen.error());
            NodeStats stats;
            stats.state = state_of(seen->body);
            if (seen->body["State"].is_object()) stats.pid = seen->body["State"].value("Pid", 0);
            return stats;
        }
    );
}

Ticket DockerRuntime::stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) {
    return ask<Done>(
        NodePhase::stop, name, limit, std::move(answer),
        [this, name, grace](const CallLimit& until) -> NodeResult<Done> {
            const auto seconds = std::chrono::ceil<std::chrono::seconds>(grace).count();
            const auto stopped =
                hosts_.engine_of(name, until)
                    .call(
                        "POST", "/containers/" + name + "/stop?t=" + std::to_string(seconds), nullptr, until
                    );
            if (!stopped) return node_error(NodePhase::stop, stopped.error());
            return Done{};
        }
    );
}

Ticket DockerRuntime::destroy(std::string name, Duration limit, Answer<Done> answer) {
    return ask<Done>(
        NodePhase::destroy, name, limit, std::move(answer),
        [this, name](const CallLimit& until) -> NodeResult<Done> {
            const auto gone = hosts_.engine_of(name, until)
                                  .call("DELETE", "/containers/" + name + "?force=1&v=1", nullptr, until);
            if (!gone && gone.error().code != Errc::not_found)
                return node_error(NodePhase::destroy, gone.error());
            return Done{};
        }
    );
}

Ticket DockerRuntime::list(Duration limit, Answer<std::vector<NodeInfo>> answer) {
    // {"label":["cluster-sim.cluster=NAME"]}, as targets carry it.
    const std::string target =
        "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22" + label_ + "%22%5D%7D";
    return ask<std::vector<NodeInfo>>(
        NodePhase::list, "", limit, std::move(answer),
        [this, target](const CallLimit& until) -> NodeResult<std::vector<NodeInfo>> {
            std::vector<NodeInfo> all;
            for (const DockerHost& host : hosts_.all()) {
                const auto seen = host.engine.call("GET", target, nullptr, until);
                if (!seen) return node_error(NodePhase::list, seen.error());
                for (const Json& each : seen->body) all.push_back(info_of(each));
            }
            return all;
        }
    );
}

Ticket DockerRuntime::add_network(std::string name, Duration limit, Answer<Done> answer) {
    return ask<Done>(
        NodePhase::network, name, limit, std::move(answer),
        [](const CallLimit&) -> NodeResult<Done> { return Done{}; }
    );
}

Ticket DockerRuntime::remove_network(std::string name, Duration limit, Answer<Done> answer) {
    return ask<Done>(
        NodePhase::network, name, limit, std::move(answer),
        [](const CallLimit&) -> NodeResult<Done> { return Done{}; }
    );
}

}  // namespace csim
