// A TLS server of OpenSSL that changes keys, sends tickets and breaks off when the request's path asks for
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace csim {

class KeyChangingServer {
  public:
    struct Options {
        int version_max = 0x0304;
        std::string ciphersuites = "TLS_AES_256_GCM_SHA384";
        int tickets = 1;
        bool update_at_once = false;  ///< a new key before the first answer
    };
    /// Serves one connection after the other on a thread of its own. Each answer's body is the request's
    /// path.
    /// `/update`, `/ask` (for the client's new key as well), `/ticket`: after the answer. `/pieces`: the
    /// answer is one byte a record, `/padded`: with padding. Instead of an answer: `/alert`, `/garbage`,
    /// `/cut` (half of it),
    /// `/close`.
    explicit KeyChangingServer(Options options);
    ~KeyChangingServer();

    std::uint16_t port() const;
    /// KeyUpdates of the client.
    int updates_seen() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace csim
