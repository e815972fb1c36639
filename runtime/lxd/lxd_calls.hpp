// Requests to an LXD daemon, many at once: each operation has a connection of its own while it goes on.
#pragma once

#include "core/json.hpp"
#include "net/https_client.hpp"
#include "runtime/lxd/lxd_runtime.hpp"
#include "runtime/node_types.hpp"

#include <deque>
#include <functional>
#include <set>

namespace csim {

struct LxdAnswer {
    unsigned status = 0;
    HttpFields headers;
    std::string body;
    Json json() const;  ///< null if it is none
    Json metadata() const;
    std::string error() const;  ///< the daemon's words
};

/// One chain of requests. Dropped: its answer is not waited for any more.
class LxdCalls {
  public:
    LxdCalls(Inbox& inbox, const LxdOptions& options);
    ~LxdCalls();
    LxdCalls(const LxdCalls&) = delete;

    using Chain = std::uint64_t;
    using Then = std::function<void(Result<LxdAnswer>)>;

    /// Runs `begin` as soon as there is a connection for it.
    Chain open(std::function<void(Chain)> begin);
    /// Gives the connection back. Does nothing when it was closed before.
    void close(Chain chain);
    bool is_open(Chain chain) const { return chains_.contains(chain); }

    void ask(Chain chain, HttpRequest request, Then then);
    void ask(Chain chain, const std::string& method, const std::string& target, const Json& body, Then then);
    /// The same for what answers with an operation: `then` gets the operation once it has ended.
    void operate(
        Chain chain, const std::string& method, const std::string& target, const Json& body, Then then
    );

  private:
    using LaneId = HttpsClient::LaneId;
    void wait(Chain chain, const std::string& operation, Then then);
    void next();

    const LxdOptions options_;
    std::shared_ptr<const TlsIdentity> identity_;
    std::unique_ptr<HttpsClient> client_;
    std::map<Chain, LaneId> chains_;  ///< 0: has no connection yet
    std::set<Chain> talking_;         ///< whose request is on its way
    std::deque<std::pair<Chain, std::function<void(Chain)>>> line_;
    std::vector<LaneId> free_;
    std::size_t lanes_ = 0;
    Chain last_ = 0;
};

/// For a path or a query.
std::string url_encoded(const std::string& text);

}  // namespace csim
