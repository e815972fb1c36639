// The process that makes nodes out of itself, from this side. See init/init.hpp.
#pragma once

#include "runtime/namespaces/process.hpp"

#include <memory>

namespace csim {

/// For one thread. Those that are to die with their maker die with the thread that opened it.
class Maker {
  public:
    /// Nodes report into `report`. `keep`: folders whose mounts nodes need; other mounts they never see.
    static NodeResult<std::unique_ptr<Maker>> open(
        const std::string& run, int init_fd, int report, const std::vector<std::string>& keep
    );
    ~Maker();
    Maker(const Maker&) = delete;

    /// A process for each list of arguments, the first of which is its mark, in their order. Errors of single
    /// ones as of spawn(); the whole fails with internal when the maker is gone.
    NodeResult<std::vector<NodeResult<NodeProcess>>> make(const std::vector<std::vector<std::string>>& nodes);

  private:
    Maker(NodeProcess process, int socket) : process_(std::move(process)), socket_(socket) {}

    NodeProcess process_;
    int socket_;
};

}  // namespace csim
