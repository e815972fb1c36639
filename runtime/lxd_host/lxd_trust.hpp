// Whom the host trusts: clients' certificates, the trust password, tokens.
#pragma once

#include "runtime/lxd_host/lxd_context.hpp"

#include <map>
#include <mutex>
#include <string>

namespace csim {

class LxdTrust {
  public:
    /// `fingerprint` is the host's own.
    LxdTrust(LxdContext& context, std::string fingerprint)
        : context_(context), fingerprint_(std::move(fingerprint)) {}

    void add_routes(LxdRoutes& routes);
    bool trusts(const ApiPeer& peer) const;  ///< thread-safe
    void set_password(std::string password) { password_ = std::move(password); }
    bool has_password() const { return !password_.empty(); }
    void add(const std::string& name, const std::string& certificate_pem);
    /// Where clients reach the host, for tokens.
    void set_addresses(std::vector<std::string> addresses) { addresses_ = std::move(addresses); }

  private:
    struct Client {
        std::string name, pem;
        bool restricted = false;
    };
    struct Wrong {
        int count = 0;
        SimTime until;
    };
    LxdReply add_client(LxdCall& call);
    LxdReply make_token(LxdCall& call, const std::string& name);
    LxdReply accept(LxdCall& call, const Json& body);
    bool good_secret(const std::string& secret);
    bool use_token(const std::string& secret);
    LxdReply refuse_later(LxdCall& call);
    LxdReply change(LxdCall& call);
    const std::string& found(const std::string& beginning) const;
    Json shown(const std::string& fingerprint) const;

    LxdContext& context_;
    const std::string fingerprint_;
    std::string password_;
    std::vector<std::string> addresses_;
    std::map<std::string, Client> clients_;
    mutable std::mutex mutex_;                   ///< of `clients_`: the I/O thread asks, too
    std::map<std::string, std::string> tokens_;  ///< secret to operation
    std::map<std::string, Wrong> wrong_;         ///< by address
    std::uint64_t refusals_ = 0;
    std::map<std::uint64_t, ApiResponder> refused_;
};

}  // namespace csim
