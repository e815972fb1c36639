// The container host that a routine stresses, and what is said of it and of the kernel.
#pragma once

#include "apps/cluster_sim_benchmark/container_options.hpp"
#include "core/event_loop.hpp"
#include "core/json.hpp"
#include "runtime/node_runtime.hpp"
#include "runtime/simulated/simulated_host.hpp"
#include "runtime/ve/kernel_limits.hpp"

#include <memory>

namespace csim {

/// A runtime with its clock and loop. Throws Fatal: 4 when this machine lacks something.
struct ContainerBackend {
    /// `model` is of simulated ones.
    ContainerBackend(const ContainerOptions& options, const HostModel& model);
    ~ContainerBackend();

    std::string name;
    bool real = false;  ///< takes wall time
    std::unique_ptr<Timeline> timeline;
    std::unique_ptr<EventLoop> loop;
    std::unique_ptr<NodeRuntime> runtime;
    /// Of simulated ones; empty otherwise.
    std::vector<HostUse> use() const;
};

/// What --backend says, or what there is: lxd when one answers, else simulated.
std::string chosen_backend(const ContainerOptions& options);

/// The kernel's figures around a run.
struct KernelWatch {
    std::vector<KernelLimit> before = read_kernel_limits(), at_failure = {}, after = {};
    void failed() {
        if (at_failure.empty()) at_failure = read_kernel_limits();
    }
    /// The one that gave out, or is nearest to.
    std::string limit() const;
    void print() const;
    Json json() const;
};

}  // namespace csim
