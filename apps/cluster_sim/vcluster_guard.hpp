// Clusters that must not outlive whoever asked for them, however that one ends.
#pragma once

#include "sim/control/rpc_port.hpp"
#include "vcluster/store.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <functional>
#include <set>

namespace csim {

/// Watches standard input, which ends with the process at its other side, and what `vcluster.create` makes.
class ClusterGuard {
  public:
    /// `on_end` runs on the loop's thread once the input has ended and no call is under way any more.
    ClusterGuard(boost::asio::io_context& loop, std::function<void()> on_end);

    /// As if the input had ended.
    void end();
    /// Notes what the call makes, on its way to `done`.
    RpcDone watched(const RpcCall& call, RpcDone done);
    /// Removes what was made and is still there; what cannot be removed is told on standard error. Only when
    /// no call is under way. The exit status.
    int remove_all(const ClusterStore& store);

  private:
    void read();
    void end_if_idle();

    boost::asio::posix::stream_descriptor input_;
    std::function<void()> on_end_;
    std::array<char, 256> ignored_{};
    std::set<std::string> made_;
    int under_way_ = 0;
    bool ended_ = false;
};

}  // namespace csim
