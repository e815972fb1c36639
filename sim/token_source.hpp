// Registration tokens from a manager's REST API. Source: the behaviour specification, §1.2.5.
#pragma once

#include "net/rest_client.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace csim {

struct TokenRequest {
    std::string profile;       ///< `base_managed_rh7`
    std::int64_t credits = 1;  ///< registrations it is good for
    Duration lifetime = 60s;
};

struct RegistrationSecrets {
    std::string server;
    std::string worker;
};

/// One session with the manager. Callbacks on the client's inbox, none after destruction.
class TokenSource {
  public:
    /// `client` outlives this. `timeout` is that of one request.
    TokenSource(
        HttpsClient& client, const std::string& base_path, std::string username, std::string password,
        Duration timeout = 60s
    );
    ~TokenSource();

    /// Logs in if need be and makes a token for each kind of node that is wanted (credits > 0), expiring
    /// `lifetime` after `now`. Errors: refused (user, password, permission), not_found (profile), and those
    /// of the connection.
    void acquire(
        const TokenRequest& server, const TokenRequest& worker, SimTime now,
        UniqueFunction<void(Result<RegistrationSecrets>)> done
    );

  private:
    struct Work;
    void list_profiles(std::shared_ptr<Work> work);
    void make_next(std::shared_ptr<Work> work);

    RestClient rest_;
    std::string username_;
    std::string password_;
};

}  // namespace csim
