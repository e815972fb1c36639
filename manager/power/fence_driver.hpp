// Power devices over the network: by the fence agents that are installed, or by our own client of the APC
// menu.
#pragma once

#include "core/event_loop.hpp"
#include "manager/power/power_driver.hpp"
#include "net/byte_client.hpp"
#include "net/child_processes.hpp"

#include <functional>
#include <string>

namespace csim {

enum class FenceBy {
    automatic,  ///< the fence agent if it is installed, else the built-in client
    program,    ///< fence agents only
    built_in,   ///< the built-in client only
};

struct FenceOptions {
    FenceBy by = FenceBy::automatic;
    Duration limit =
        std::chrono::seconds(60);  ///< of one operation; a switch waits for the simulated server to go down
};

/// The built-in client speaks for fence_apc only.
class FenceDriver final : public PowerDriver {
  public:
    explicit FenceDriver(Inbox& inbox, FenceOptions options = {});

    void run(PowerCall call, Done done) override;
    /// Looks names up as the system does, which may block.
    Result<std::string> resolve(const std::string& name) override;

    /// The program that will be used for `agent`; empty: the built-in client.
    std::string program_for(const std::string& agent) const;
    /// One sentence for people: which client switches power strips.
    std::string describe() const;

  private:
    void run_program(const std::string& path, PowerCall call, Done done);
    void run_built_in(PowerCall call, Done done);

    Inbox& inbox_;
    const FenceOptions options_;
    ByteClient talks_;
    ChildProcesses children_;
};

}  // namespace csim
