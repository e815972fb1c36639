// Asks a running simulator through its control port. Blocks; for command-line programs.
#pragma once

#include "core/time.hpp"
#include "sim/control/rpc.hpp"
#include "sim/manager_url.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace csim {

class BlockingRestClient;

class ControlClient {
  public:
    /// Shows `token`, unless it is empty. A call may take as long as `patience`.
    explicit ControlClient(const ManagerUrl& at, const std::string& token = "", Duration patience = 30s);
    ~ControlClient();
    ControlClient(ControlClient&&) noexcept;

    /// Errors: unreachable when nobody answers there; refused for want of a token; conflict with the
    /// operation's own sentence when it failed.
    Result<Answer> call(const RpcCall& call);

  private:
    std::string url_;
    std::unique_ptr<BlockingRestClient> rest_;
};

/// The simulator that serves this state folder now, if there is one. Throws Fatal for a folder that is none.
std::optional<ControlClient> find_running(const std::filesystem::path& folder, Duration patience = 30s);

}  // namespace csim
