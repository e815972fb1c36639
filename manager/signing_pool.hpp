// Runs signatures off the world's thread and hands them back to it.
#pragma once

#include "core/event_loop.hpp"
#include "manager/signer.hpp"

#include <cstddef>
#include <memory>

namespace csim {

class SigningPool {
  public:
    using Work = UniqueFunction<Result<SignedCertificate>()>;
    using Done = UniqueFunction<void(Result<SignedCertificate>)>;

    /// With no thread at all, run() does the work itself.
    SigningPool(Inbox& inbox, std::size_t threads);
    ~SigningPool();  ///< waits for work that has begun; drops the rest, and every `done` not run yet

    /// `done` runs on the inbox's thread, once, unless the pool is gone by then.
    void run(Work work, Done done);

  private:
    struct Queue;
    std::shared_ptr<Queue> queue_;
};

}  // namespace csim
