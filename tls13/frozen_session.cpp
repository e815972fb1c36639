#include "tls13/frozen_session.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <cstdint>

namespace csim::tls13 {
namespace {

constexpr std::uint8_t sequence = 0x30;
constexpr std::uint8_t peer_certificate = 0xa3;  // [3] EXPLICIT, in OpenSSL's SSL_SESSION_ASN1

/// One element of DER: its tag, and how long it is with and without tag and length. Whole is 0: it is none.
struct Element {
    std::uint8_t tag = 0;
    std::size_t header = 0, whole = 0;
};

Element element_at(std::string_view der) {
    if (der.size() < 2) return {};
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(der[i]); };
    Element made{byte(0), 2, byte(1)};
    if (byte(1) >= 0x80) {
        const std::size_t digits = byte(1) & 0x7f;
        if (digits == 0 || digits > 3 || der.size() < 2 + digits) return {};
        made.whole = 0;
        for (std::size_t i = 0; i < digits; ++i) made.whole = made.whole << 8 | byte(2 + i);
        made.header += digits;
    }
    made.whole += made.header;
    return made.whole <= der.size() ? made : Element();
}

/// Empty: it is not what it should be.
std::string without_certificate(std::string_view der) {
    const Element outer = element_at(der);
    if (outer.tag != sequence || outer.whole != der.size()) return {};
    std::string made{char(sequence), char(0x82), 0, 0};
    for (std::string_view rest = der.substr(outer.header); !rest.empty();) {
        const Element each = element_at(rest);
        if (each.whole == 0) return {};
        if (each.tag != peer_certificate) made.append(rest.substr(0, each.whole));
        rest.remove_prefix(each.whole);
    }
    const std::size_t size = made.size() - 4;
    if (size < 0x100 || size > 0xffff) return {};
    made[2] = static_cast<char>(size >> 8);
    made[3] = static_cast<char>(size);
    return made;
}

}  // namespace

std::string freeze_session(SSL_SESSION* session) {
    unsigned char* bytes = nullptr;
    const int size = i2d_SSL_SESSION(session, &bytes);
    if (size <= 0) return {};
    const std::string_view der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    std::string made = without_certificate(der);
    if (made.empty()) made = der;
    OPENSSL_clear_free(bytes, der.size());
    return made;
}

SSL_SESSION* thaw_session(std::string_view frozen) {
    const auto* der = reinterpret_cast<const unsigned char*>(frozen.data());
    return d2i_SSL_SESSION(nullptr, &der, static_cast<long>(frozen.size()));
}

}  // namespace csim::tls13
