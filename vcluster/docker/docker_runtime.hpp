// Containers of Docker engines, or of podman's compatible service, as a node runtime.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/namespaces/crew.hpp"
#include "runtime/pending.hpp"
#include "vcluster/docker/docker_hosts.hpp"

#include <functional>
#include <map>
#include <memory>

namespace csim {

/// What the runtime does not know by itself of a container that is to be made.
using ContainerBody = std::function<Json(const NodeSpec& spec)>;

class DockerRuntime final : public NodeRuntime {
  public:
    /// `label` marks the containers that are ours, `name=value`. The loop outlives this.
    DockerRuntime(
        EventLoop& loop, Timeline& timeline, DockerHosts hosts, std::string label, ContainerBody body
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
    /// Chooses engines for containers that are to be made.
    void place(const std::vector<std::string>& names) { hosts_.place(names); }
    const DockerHosts& hosts() const { return hosts_; }
    void watch(UniqueFunction<void(const Change&)> watcher) override { watcher_ = std::move(watcher); }

  private:
    template <class T>
    Ticket ask(
        NodePhase phase, const std::string& name, Duration limit, Answer<T> answer,
        std::function<NodeResult<T>(const CallLimit&)> work
    );

    EventLoop& loop_;
    DockerHosts hosts_;
    std::string label_;
    ContainerBody body_;
    PendingOperations pending_;
    UniqueFunction<void(const Change&)> watcher_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Crew crew_{16};
};

}  // namespace csim
