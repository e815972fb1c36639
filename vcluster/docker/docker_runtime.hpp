// Containers of a Docker engine, or of podman's compatible service, as a node runtime.
#pragma once

#include "core/event_loop.hpp"
#include "core/json.hpp"
#include "net/engine_http.hpp"
#include "runtime/namespaces/crew.hpp"
#include "runtime/pending.hpp"

#include <functional>
#include <map>
#include <memory>

namespace csim {

/// One engine. Calls block.
class DockerEngine {
  public:
    explicit DockerEngine(EngineHttp http) : http_(std::move(http)) {}

    struct Reply {
        unsigned status = 0;
        Json body;
    };
    /// Errors: not_found, conflict, refused, io by the engine's status, with its own sentence; or of the
    /// wire.
    Result<Reply> call(
        const std::string& method, const std::string& target, const Json& body, const CallLimit& limit = {}
    ) const;
    /// Runs a command and waits for its end.
    Result<ExecResult> exec(const std::string& container, const ExecSpec& spec, const CallLimit& limit) const;
    const EngineHttp& http() const { return http_; }

  private:
    EngineHttp http_;
};

/// What the runtime does not know by itself of a container that is to be made.
using ContainerBody = std::function<Json(const NodeSpec& spec)>;

class DockerRuntime final : public NodeRuntime {
  public:
    /// `label` marks the containers that are ours, `name=value`. The loop outlives this.
    DockerRuntime(
        EventLoop& loop, Timeline& timeline, DockerEngine engine, std::string label, ContainerBody body
    );
    ~DockerRuntime() override;

    std::string_view backend() const override { return "docker"; }
    RuntimeAbilities abilities() override;
    Ticket create(NodeSpec spec, Duration limit, Answer<Done> answer) override;
    Ticket start(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) override;
    /// By programs of the container (sh, cat, ls), since the engine's archives know neither /proc nor writing
    /// in place. It must be running.
    Ticket read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) override;
    Ticket write_file(std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer)
        override;
    Ticket stats(std::string name, Duration limit, Answer<NodeStats> answer) override;
    Ticket stop(std::string name, Duration grace, Duration limit, Answer<Done> answer) override;
    Ticket destroy(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket list(Duration limit, Answer<std::vector<NodeInfo>> answer) override;
    /// Networks are made by whoever knows their ranges and labels. These do nothing.
    Ticket add_network(std::string name, Duration limit, Answer<Done> answer) override;
    Ticket remove_network(std::string name, Duration limit, Answer<Done> answer) override;
    void cancel(Ticket ticket) override { pending_.cancel(ticket); }
    void watch(UniqueFunction<void(const Change&)> watcher) override { watcher_ = std::move(watcher); }

  private:
    template <class T>
    Ticket ask(
        NodePhase phase, const std::string& name, Duration limit, Answer<T> answer,
        std::function<NodeResult<T>(const CallLimit&)> work
    );

    EventLoop& loop_;
    DockerEngine engine_;
    std::string label_;
    ContainerBody body_;
    PendingOperations pending_;
    UniqueFunction<void(const Change&)> watcher_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Crew crew_{16};
};

/// Takes the engine's framing apart: a byte for the stream, three of zero, four of length, the payload.
/// Frames may be split anywhere.
class FrameReader {
  public:
    using Heard = std::function<void(int stream, std::string_view text)>;
    explicit FrameReader(Heard heard) : heard_(std::move(heard)) {}
    void feed(std::string_view bytes);

  private:
    Heard heard_;
    std::string head_;
    std::size_t left_ = 0;
};

}  // namespace csim
