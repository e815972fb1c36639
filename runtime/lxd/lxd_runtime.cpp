#include "runtime/lxd/lxd_runtime.hpp"

#include "runtime/lxd/lxd_impl.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr const char* mark_key = "user.cluster-sim-mark";

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// What the daemon's words mean.
NodeError::Kind kind_of(unsigned status, const std::string& text) {
    if (status == 404 || holds(text, "not found")) return NodeError::Kind::not_found;
    if (holds(text, "already exists") || status == 409) return NodeError::Kind::exists;
    if (holds(text, "already running") || holds(text, "is running") || holds(text, "not running") ||
        holds(text, "busy"))
        return NodeError::Kind::busy;
    if (holds(text, "not enough") || holds(text, "no space") || holds(text, "annot allocate"))
        return NodeError::Kind::limit;
    if (status == 403) return NodeError::Kind::denied;
    return NodeError::Kind::internal;
}

/// Of "there is not enough memory left": memory.
std::string resource_in(const std::string& text) {
    const std::string mark = "not enough ";
    const auto at = text.find(mark);
    if (at == std::string::npos) return holds(text, "no space") ? "storage" : "memory";
    return text.substr(at + mark.size(), text.find(' ', at + mark.size()) - at - mark.size());
}

NodeState state_of(const Json& instance) {
    const std::string status = instance.value("status", "");
    if (status == "Running") return NodeState::running;
    if (status == "Frozen") return NodeState::frozen;
    if (status == "Error") return NodeState::error;
    const bool never = instance.value("last_used_at", "").starts_with("1970");
    return never ? NodeState::created : NodeState::stopped;
}

}  // namespace

NodeError lxd_error(NodePhase phase, const std::string& refused, unsigned status, const std::string& text) {
    NodeError error{kind_of(status, text), phase, refused, text.empty() ? "the daemon gave no reason" : text};
    if (error.kind == NodeError::Kind::busy) error.refused = "state";
    if (error.kind == NodeError::Kind::limit) error.refused = resource_in(text);
    return error;
}

std::optional<NodeError> lxd_refusal(
    NodePhase phase, const std::string& call, const Result<LxdAnswer>& answer
) {
    if (!answer) return NodeError{NodeError::Kind::internal, phase, "daemon", answer.error().detail};
    if (answer->status >= 400) return lxd_error(phase, call, answer->status, answer->error());
    const Json state = answer->metadata();
    if (state.is_object() && state.contains("may_cancel") && state.value("status_code", 0) >= 400)
        return lxd_error(phase, call, 0, state.value("err", ""));
    return std::nullopt;
}

LxdRuntime::LxdRuntime(EventLoop& loop, Timeline& timeline, LxdOptions options)
    : impl_(std::make_unique<Impl>(loop, timeline, std::move(options))) {}

LxdRuntime::~LxdRuntime() = default;

RuntimeAbilities LxdRuntime::abilities() {
    RuntimeAbilities can;
    can.why_not = impl_->options.socket.empty() ? "" : why_no_lxd(impl_->options.socket);
    can.usable = can.why_not.empty();
    can.exec = can.files = can.stats = can.network = can.limits = true;
    return can;
}

Ticket LxdRuntime::create(NodeSpec spec, Duration limit, Answer<Done> answer) {
    const std::string name = spec.name;
    if (const auto good = check_node_name(name); !good)
        return impl_->pending.refuse<Done>(NodePhase::create, name, good.error(), std::move(answer));
    if (spec.job.count > 0)
        return impl_->pending.refuse<Done>(
            NodePhase::create, name,
            {NodeError::Kind::unsupported, NodePhase::create, "job",
             "instances of LXD do not ping by themselves"},
            std::move(answer)
        );
    Json config{{mark_key, impl_->options.mark}};
    for (const auto& [key, value] : spec.environment) config["environment." + key] = value;
    const std::string image = spec.base.empty() ? impl_->options.image : spec.base;
    const Json body{{"name", name}, {"config", config}, {"source", {{"type", "image"}, {"alias", image}}}};
    return impl_->operate(
        NodePhase::create, name, limit, std::move(answer), {"POST", "/1.0/instances", body, "POST instances"},
        NodeState::created
    );
}

Ticket LxdRuntime::start(std::string name, Duration limit, Answer<Done> answer) {
    const Json body{{"action", "start"}, {"timeout", -1}, {"force", false}};
    const SimTime asked = impl_->timeline.now();
    return impl_->operate(
        NodePhase::start, name, limit,
        [this, name, asked, answer = std::move(answer)](NodeResult<Done> result) mutable {
            if (result) impl_->boots[name] = impl_->timeline.now() - asked;
            answer(std::move(result));
        },
        {"PUT", impl_->state_path(name), body, "PUT state"}, NodeState::running
    );
}

Ticket LxdRuntime::stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(grace).count();
    const Json force{{"action", "stop"}, {"timeout", -1}, {"force", true}};
    const Json ask{{"action", "stop"}, {"timeout", std::max<std::int64_t>(seconds, 1)}, {"force", false}};
    auto stopped = [this, name](const Result<LxdAnswer>& end) -> std::optional<NodeError> {
        auto refused = lxd_refusal(NodePhase::stop, "PUT state", end);
        if (refused && (holds(refused->detail, "already stopped") || holds(refused->detail, "not running")))
            return std::nullopt;
        if (!refused) impl_->changed(name, NodeState::stopped);
        return refused;
    };
    return impl_->begin<Done>(
        NodePhase::stop, name, limit, std::move(answer),
        [this, name, grace, ask, force, stopped](Ticket ticket, LxdCalls::Chain chain) {
            const std::string path = impl_->state_path(name);
            const auto forced = [this, ticket, stopped](Result<LxdAnswer> end) {
                const auto refused = stopped(end);
                impl_->finish<Done>(ticket, refused ? NodeResult<Done>(*refused) : NodeResult<Done>(Done{}));
            };
            if (grace <= Duration::zero()) return impl_->calls.operate(chain, "PUT", path, force, forced);
            impl_->calls.operate(chain, "PUT", path, ask, [=, this](Result<LxdAnswer> end) {
                const auto refused = stopped(end);
                if (!refused || refused->kind == NodeError::Kind::not_found) return forced(std::move(end));
                impl_->calls.operate(chain, "PUT", path, force, forced);
            });
        }
    );
}

Ticket LxdRuntime::destroy(std::string name, Duration limit, Answer<Done> answer) {
    return impl_->begin<Done>(
        NodePhase::destroy, name, limit, std::move(answer),
        [this, name](Ticket ticket, LxdCalls::Chain chain) {
            impl_->calls.operate(
                chain, "DELETE", impl_->path(name), nullptr,
                [this, ticket, name](Result<LxdAnswer> end) {
                    const auto refused = lxd_refusal(NodePhase::destroy, "DELETE", end);
                    if (refused && refused->kind != NodeError::Kind::not_found)
                        return impl_->finish<Done>(ticket, *refused);
                    impl_->boots.erase(name);
                    if (!refused) impl_->changed(name, NodeState::absent);
                    impl_->finish<Done>(ticket, Done{});
                }
            );
        }
    );
}

Ticket LxdRuntime::stats(std::string name, Duration limit, Answer<NodeStats> answer) {
    return impl_->begin<NodeStats>(
        NodePhase::stats, name, limit, std::move(answer),
        [this, name](Ticket ticket, LxdCalls::Chain chain) {
            impl_->calls.ask(
                chain, "GET", impl_->path(name) + "?recursion=1", nullptr,
                [this, ticket, name](Result<LxdAnswer> got) {
                    if (const auto refused = lxd_refusal(NodePhase::stats, "GET", got))
                        return impl_->finish<NodeStats>(ticket, *refused);
                    const Json instance = got->metadata();
                    NodeStats stats;
                    stats.state = state_of(instance);
                    stats.boot = impl_->boots.contains(name) ? impl_->boots[name] : Duration::zero();
                    const Json state = instance.contains("state") ? instance["state"] : Json();
                    if (state.is_object()) {
                        stats.pid = std::max<std::int64_t>(0, state.value("pid", std::int64_t{0}));
                        stats.processes =
                            static_cast<std::uint64_t>(std::max(0, state.value("processes", 0)));
                        stats.memory_bytes =
                            state.value(Json::json_pointer("/memory/usage"), std::uint64_t{0});
                        stats.disk_bytes =
                            state.value(Json::json_pointer("/disk/root/usage"), std::uint64_t{0});
                        const std::string eth0 = "/network/eth0/counters/bytes_";
                        stats.received_bytes =
                            state.value(Json::json_pointer(eth0 + "received"), std::uint64_t{0});
                        stats.sent_bytes = state.value(Json::json_pointer(eth0 + "sent"), std::uint64_t{0});
                    }
                    impl_->finish<NodeStats>(ticket, std::move(stats));
                }
            );
        }
    );
}

Ticket LxdRuntime::list(Duration limit, Answer<std::vector<NodeInfo>> answer) {
    const std::string filter = std::string("config.") + mark_key + " eq " + impl_->options.mark;
    return impl_->begin<std::vector<NodeInfo>>(
        NodePhase::list, "", limit, std::move(answer),
        [this, target = "/1.0/instances?recursion=2&filter=" +
                        url_encoded(filter)](Ticket ticket, LxdCalls::Chain chain) {
            impl_->calls.ask(chain, "GET", target, nullptr, [this, ticket](Result<LxdAnswer> got) {
                using All = std::vector<NodeInfo>;
                if (const auto refused = lxd_refusal(NodePhase::list, "GET instances", got))
                    return impl_->finish<All>(ticket, *refused);
                All all;
                for (const Json& each : got->metadata()) {
                    // A daemon that knows no filters shows everybody's.
                    if (!each.is_object() ||
                        each.value("config", Json::object()).value(mark_key, "") != impl_->options.mark)
                        continue;
                    NodeInfo info{each.value("name", ""), state_of(each), 0, {}};
                    const Json state = each.contains("state") ? each["state"] : Json();
                    if (state.is_object())
                        info.pid = std::max<std::int64_t>(0, state.value("pid", std::int64_t{0}));
                    const auto addresses = Json::json_pointer("/network/eth0/addresses");
                    if (state.is_object() && state.contains(addresses))
                        for (const Json& one : state[addresses])
                            if (one.value("family", "") == "inet")
                                info.addresses.push_back(one.value("address", ""));
                    all.push_back(std::move(info));
                }
                std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.name < b.name; });
                impl_->finish<All>(ticket, std::move(all));
            });
        }
    );
}

Ticket LxdRuntime::add_network(std::string name, Duration limit, Answer<Done> answer) {
    return impl_->once(
        name, limit, std::move(answer),
        {"POST", "/1.0/networks", {{"name", name}, {"type", "bridge"}}, "POST networks"},
        NodeError::Kind::exists
    );
}

Ticket LxdRuntime::remove_network(std::string name, Duration limit, Answer<Done> answer) {
    return impl_->once(
        name, limit, std::move(answer),
        {"DELETE", "/1.0/networks/" + url_encoded(name), nullptr, "DELETE network"},
        NodeError::Kind::not_found
    );
}

void LxdRuntime::cancel(Ticket ticket) {
    impl_->pending.cancel(ticket);
}

void LxdRuntime::watch(UniqueFunction<void(const Change&)> watcher) {
    impl_->watcher = std::move(watcher);
}

std::string find_lxd_socket() {
    if (const char* socket = std::getenv("LXD_SOCKET"); socket != nullptr && *socket != '\0') return socket;
    std::vector<std::string> folders;
    if (const char* folder = std::getenv("LXD_DIR"); folder != nullptr && *folder != '\0')
        folders.push_back(folder);
    folders.insert(folders.end(), {"/var/snap/lxd/common/lxd", "/var/lib/lxd"});
    for (const std::string& folder : folders)
        if (why_no_lxd(folder + "/unix.socket").empty()) return folder + "/unix.socket";
    return "";
}

std::string why_no_lxd(const std::string& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.empty()) return "there is no LXD on this machine";
    if (socket.size() >= sizeof address.sun_path) return "the path of the socket " + socket + " is too long";
    socket.copy(address.sun_path, socket.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool answers = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return answers ? "" : "no LXD answers at " + socket;
}

}  // namespace csim
