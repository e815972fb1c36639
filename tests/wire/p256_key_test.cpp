#include "wire/p256_key.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("wire/p256_key");

namespace csim {
namespace {

P256Key some_key() {
    P256Key key;
    for (std::size_t i = 0; i < key.secret.size(); ++i) key.secret[i] = static_cast<unsigned char>(i + 1);
    for (std::size_t i = 0; i < key.point.size(); ++i) key.point[i] = static_cast<unsigned char>(200 - i);
    key.point[0] = 4;
    return key;
}

}  // namespace

TEST_CASE("a P-256 key comes back from its bytes as it was") {
    const P256Key key = some_key();
    const auto read = read_pkcs8(write_pkcs8(key));
    REQUIRE(read.has_value());
    CHECK(read->secret == key.secret);
    CHECK(read->point == key.point);
}

TEST_CASE("what is laid out in another way is no P-256 key") {
    const std::string der = write_pkcs8(some_key());
    CHECK(der.size() == 138);
    for (std::size_t at = 0; at < der.size(); ++at) CHECK_FALSE(read_pkcs8(der.substr(0, at)));
    CHECK_FALSE(read_pkcs8(der + '\0'));
    const auto is_key_material = [](std::size_t at) { return (at >= 36 && at < 68) || at > 73; };
    for (std::size_t at = 0; at < der.size(); ++at) {
        std::string other = der;
        other[at] = static_cast<char>(other[at] ^ 0x10);
        CHECK(read_pkcs8(other).has_value() == is_key_material(at));
    }
}

}  // namespace csim

TEST_SUITE_END();
