// What the host says of itself: /1.0, its configuration, its resources.
#pragma once

#include "runtime/lxd_host/lxd_context.hpp"
#include "runtime/lxd_host/lxd_trust.hpp"

#include <functional>
#include <string>
#include <vector>

namespace csim {

class LxdServer {
  public:
    /// Opens a listener at "ADDRESS:PORT" and returns where it listens now. Throws LxdRefusal.
    using Listen = std::function<std::string(const std::string& address)>;
    LxdServer(LxdContext& context, LxdTrust& trust, SelfSigned identity, std::string name, Listen listen);

    void add_routes(LxdRoutes& routes);
    void listens_at(const std::string& address);

  private:
    Json shown(const LxdCall& call) const;
    Json config() const;
    LxdReply change(LxdCall& call, bool whole);
    LxdReply resources(LxdCall& call) const;
    LxdReply listen_to_events(LxdCall& call);

    LxdContext& context_;
    LxdTrust& trust_;
    const SelfSigned identity_;
    const std::string fingerprint_, name_;
    Listen listen_;
    std::map<std::string, std::string> config_;
    std::vector<std::string> addresses_;
};

}  // namespace csim
