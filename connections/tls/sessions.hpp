// TLS sessions between connections, as DER: what a client keeps to continue them with.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace csim::connections {

/// Wipes the session's secret when it goes.
struct WipeSession {
    void operator()(std::string* der) const;
};
/// 8 bytes without a session; a few hundred more with one.
using SavedSession = std::unique_ptr<std::string, WipeSession>;

/// Connections of `context`, a client's, save the newest session that their server gives them.
void save_sessions(SSL_CTX* context);
/// Before the handshake. `place` outlives `ssl`. What is there already is offered to the server.
void use_session(SSL* ssl, SavedSession& place);

}  // namespace csim::connections
