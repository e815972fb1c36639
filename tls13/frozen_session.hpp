// TLS sessions between connections, small: DER as OpenSSL writes it, without the server's certificate, which
// is most of it and takes 120 µs to read again. Whether it was accepted stays in the session.
#pragma once

#include <string>
#include <string_view>

using SSL_SESSION = struct ssl_session_st;  // as openssl/ssl.h says, which is slow to include

namespace csim::tls13 {

/// Holds the session's secret: to be wiped. Empty if it cannot be written.
std::string freeze_session(SSL_SESSION* session);
/// Null if it is none; else to be freed.
SSL_SESSION* thaw_session(std::string_view frozen);

}  // namespace csim::tls13
