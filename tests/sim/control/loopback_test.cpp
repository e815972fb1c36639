#include "sim/control/loopback.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("sim/control/loopback");

TEST_CASE("only names of this machine count as loopback") {
    for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
        CAPTURE(host);
        CHECK(is_loopback(host));
    }
    for (const char* host :
         {"", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.com", "127.1", "localhost.evil.com"}) {
        CAPTURE(host);
        CHECK_FALSE(is_loopback(host));
    }
}

TEST_CASE("a Host header may carry any port and IPv6 in brackets") {
    for (const char* host :
         {"localhost", "LocalHost:8743", "127.0.0.1:1", "[::1]", "[::1]:8743", "localhost:"}) {
        CAPTURE(host);
        CHECK(names_loopback(host));
    }
    for (const char* host :
         {"", ":80", "evil.com", "evil.com:80", "localhost:80@evil.com", "localhost:80:90", "[::1", "[::1]x",
          "::1", "[127.0.0.1]", "127.0.0.1 evil.com"}) {
        CAPTURE(host);
        CHECK_FALSE(names_loopback(host));
    }
}

TEST_CASE("secrets are equal only when every byte is") {
    CHECK(same_secret("abc", "abc"));
    for (const char* other : {"", "ab", "abcd", "abd", "abcabc"}) CHECK_FALSE(same_secret(other, "abc"));
    CHECK_FALSE(same_secret("a", ""));
}
