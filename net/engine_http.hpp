// HTTP/1.1 to a daemon of this machine or network over a Unix socket or TCP, one request a connection. Calls
// block; they are made on threads of their own.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace csim {

/// When a call has to end: after `limit` (zero: never), or soon after `*cancelled`.
struct CallLimit {
    Duration limit = std::chrono::seconds(60);
    const std::atomic<bool>* cancelled = nullptr;
};

class EngineHttp {
  public:
    /// `unix:///path` or `tcp://host:port`. Errors: bad_argument.
    static Result<EngineHttp> at(const std::string& address);

    /// Errors: unreachable (nobody answers, or too late), corrupt (not HTTP), exhausted (a body beyond 256
    /// MiB).
    Result<HttpReply> request(const HttpRequest& request, const CallLimit& limit = {}) const;

    /// A request after whose answer (101, or 200 for older daemons) the connection is a stream: `input` is
    /// sent and that side closed, whatever comes is given to `heard` until the other side ends. An answer
    /// with another status is returned with its body, and `heard` is not called. Errors as above.
    Result<HttpReply> stream(
        const HttpRequest& request, const std::string& input,
        const std::function<void(std::string_view)>& heard, const CallLimit& limit = {}
    ) const;

    const std::string& address() const { return address_; }

  private:
    EngineHttp() = default;
    Result<int> connect() const;

    std::string address_, path_, host_, port_;
};

}  // namespace csim
