// Our record layer by itself: the standard's own numbers, and every record that must be refused.
#include "tls13/light_tls.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

TEST_SUITE_BEGIN("connections/light_tls");

using namespace csim::tls13;

namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
    return bytes;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t size) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) hex += {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
    return hex;
}

Secret secret_of(std::string_view hex) {
    Secret made{};
    const std::string bytes = from_hex(hex);
    std::copy(bytes.begin(), bytes.end(), made.begin());
    return made;
}

/// A peer that seals whatever a test wants, and our end that reads it.
struct Bench {
    Bench() {
        keys.suite = Suite::aes_128_gcm_sha256;
        for (std::size_t i = 0; i < 32; ++i) keys.read[i] = static_cast<std::uint8_t>(i);
        keys.write = keys.read;
        peer = derive_key(keys.suite, keys.read);
        light = std::make_unique<LightTls>(cipher, keys, counts);
    }
    std::string record(ContentType type, std::string_view content, std::size_t padding = 0) {
        std::string made;
        cipher.seal(keys.suite, peer, count++, type, content, made, padding);
        return made;
    }
    std::string read(std::string bytes) {
        std::string plain;
        light->feed(bytes.data(), bytes.size(), plain);
        return plain;
    }
    void follow_update() {
        keys_of_peer = next_secret(keys.suite, keys_of_peer_started ? keys_of_peer : initial());
        keys_of_peer_started = true;
        peer = derive_key(keys.suite, keys_of_peer);
        count = 0;
    }
    static Secret initial() {
        Secret made{};
        for (std::size_t i = 0; i < 32; ++i) made[i] = static_cast<std::uint8_t>(i);
        return made;
    }

    RecordCipher cipher;
    LightKeys keys;
    LightCounts counts;
    TrafficKey peer;
    std::uint64_t count = 0;
    Secret keys_of_peer{};
    bool keys_of_peer_started = false;
    std::unique_ptr<LightTls> light;
};

std::string message(int type, std::string_view body) {
    std::string made{
        static_cast<char>(type), 0, static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
    return made.append(body);
}

const std::string a_ticket = message(4, std::string(8, 'l') + std::string("\x02nn\x00\x03tkt\x00\x00", 10));

}  // namespace

// Proves: connection C-14.
TEST_CASE("keys come from secrets as RFC 8448 shows") {
    // Section 3, "Simple 1-RTT Handshake": {server} derive write traffic keys for application data.
    const Secret server = secret_of("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
    const TrafficKey key = derive_key(Suite::aes_128_gcm_sha256, server);
    CHECK(to_hex(key.key.data(), 16) == "9f02283b6c9c07efc26bb9f2ac92e356");
    CHECK(to_hex(key.iv.data(), 12) == "cf782b88dd83549aadf1e984");
    const Secret client = secret_of("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    const TrafficKey back = derive_key(Suite::aes_128_gcm_sha256, client);
    CHECK(to_hex(back.key.data(), 16) == "17422dda596ed5d9acd890e3c63f5051");
    CHECK(to_hex(back.iv.data(), 12) == "5b78923dee08579033e523d9");
}

// Proves: connection C-14.
TEST_CASE("records are sealed and opened as RFC 8448 shows") {
    // Section 3: {client} send application_data record, 50 bytes counting from 0.
    Bench bench;
    bench.keys.write = secret_of("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    std::string content(50, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i);
    std::string sealed;
    bench.light->seal(content, sealed);
    const std::string expected =
        "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b6297"
        "4e1f5a6292a2977014bd1e3deae63aeebb21694915e4";
    CHECK(to_hex(reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size()) == expected);

    Bench back;
    back.keys.read = bench.keys.write;
    CHECK(back.read(from_hex(expected)) == content);
}

// Proves: connection C-15.
TEST_CASE("whatever is wrong with a record gives its alert, and nothing of it is passed on") {
    struct Case {
        const char* what;
        std::function<std::string(Bench&)> bytes;
        Alert alert;
    };
    const auto data = ContentType::application_data;
    const auto hand = ContentType::handshake;
    const std::vector<Case> cases{
        {"a wrong counter", [&](Bench& b) { return b.count = 1, b.record(data, "x"); },
         Alert::bad_record_mac},
        {"a replayed record",
         [&](Bench& b) {
             const std::string once = b.record(data, "");
             return once + once;
         },
         Alert::bad_record_mac},
        {"change_cipher_spec in clear", [](Bench&) { return from_hex("140303000101"); },
         Alert::unexpected_message},
        {"an alert in clear", [](Bench&) { return from_hex("15030300020100"); }, Alert::unexpected_message},
        {"a handshake message in clear", [](Bench&) { return from_hex("1603030001ff"); },
         Alert::unexpected_message},
        {"a record longer than may be", [](Bench&) { return from_hex("1703034101"); },
         Alert::record_overflow},
        {"a record without room for a tag",
         [](Bench&) { return from_hex("17030300100") + std::string(16, 'x'); }, Alert::bad_record_mac},
        {"zeros alone", [](Bench& b) { return b.record(ContentType(0), "", 20); }, Alert::unexpected_message},
        {"an unknown type", [](Bench& b) { return b.record(ContentType(24), "x"); },
         Alert::unexpected_message},
        {"type 255", [](Bench& b) { return b.record(ContentType(255), "x"); }, Alert::unexpected_message},
        {"an empty handshake record", [&](Bench& b) { return b.record(hand, ""); },
         Alert::unexpected_message},
        {"an empty alert", [](Bench& b) { return b.record(ContentType::alert, ""); },
         Alert::unexpected_message},
        {"an alert of one byte", [](Bench& b) { return b.record(ContentType::alert, "x"); },
         Alert::decode_error},
        {"a KeyUpdate with bytes behind it",
         [&](Bench& b) { return b.record(hand, message(24, std::string_view("\0", 1)) + a_ticket); },
         Alert::unexpected_message},
        {"a KeyUpdate of value 2", [&](Bench& b) { return b.record(hand, message(24, "\x02")); },
         Alert::illegal_parameter},
        {"a KeyUpdate of two bytes", [&](Bench& b) { return b.record(hand, message(24, "\1\1")); },
         Alert::decode_error},
        {"a CertificateRequest", [&](Bench& b) { return b.record(hand, message(13, "x")); },
         Alert::unexpected_message},
        {"a ClientHello", [&](Bench& b) { return b.record(hand, message(1, "x")); },
         Alert::unexpected_message},
        {"a ticket cut short", [&](Bench& b) { return b.record(hand, message(4, "short")); },
         Alert::decode_error},
        {"data between the parts of a ticket",
         [&](Bench& b) {
             const std::string part = b.record(hand, a_ticket.substr(0, 5));
             return part + b.record(data, "x");
         },
         Alert::unexpected_message},
        {"a message of 16 MB", [&](Bench& b) { return b.record(hand, std::string("\4\xff\xff\xff", 4)); },
         Alert::decode_error},
    };
    for (const Case& each : cases) {
        CAPTURE(std::string(each.what));
        Bench bench;
        CHECK(bench.read(each.bytes(bench)) == "");
        CHECK(bench.light->end() == TlsEnd::broken);
        CHECK(bench.light->code() == static_cast<std::uint8_t>(each.alert));
        CHECK(bench.read(bench.record(data, "after the end")) == "");
    }
}

// Proves: connection C-15.
TEST_CASE("a flipped bit anywhere in a record is noticed") {
    Bench honest;
    const std::string sealed = honest.record(ContentType::application_data, "a secret");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        // The version is not checked, as the standard wants, but it is authenticated.
        Bench bench;
        std::string bytes = sealed;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        CAPTURE(at);
        CHECK(bench.read(bytes) == "");
        const bool waits_for_more = at == 3 || at == 4;  // the length, unless it became too long
        CHECK((bench.light->end() == TlsEnd::broken || waits_for_more));
    }
}

// Proves: connection C-19.
TEST_CASE("tickets may be cut and joined, and are counted and forgotten") {
    Bench bench;
    const auto hand = ContentType::handshake;
    CHECK(bench.read(bench.record(hand, a_ticket + a_ticket)) == "");
    CHECK(bench.counts.tickets == 2);
    for (const char each : a_ticket) {
        CHECK(bench.read(bench.record(hand, std::string(1, each))) == "");
        CHECK(bench.light->end() == TlsEnd::none);
    }
    CHECK(bench.counts.tickets == 3);
    CHECK(bench.light->at_rest());
    bench.read(bench.record(hand, a_ticket.substr(0, 9)));
    CHECK_FALSE(bench.light->at_rest());
}

// Proves: connection C-19.
TEST_CASE("several requests for new keys before we speak get one answer") {
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        bench.read(bench.record(ContentType::handshake, message(24, "\1")));
        bench.follow_update();
    }
    CHECK(bench.read(bench.record(ContentType::application_data, "new")) == "new");
    CHECK(bench.counts.updates_received == 3);
    std::string sealed;
    bench.light->seal("one", sealed);
    bench.light->seal("two", sealed);
    CHECK(bench.counts.updates_sent == 1);
    CHECK(bench.keys.write_count == 2);
}

// Proves: connection C-15.
TEST_CASE("empty records are legal for a while, endless ones are not") {
    Bench bench;
    for (int i = 0; i < 32; ++i) bench.read(bench.record(ContentType::application_data, ""));
    CHECK(bench.light->end() == TlsEnd::none);
    bench.read(bench.record(ContentType::application_data, ""));
    CHECK(bench.light->end() == TlsEnd::broken);
}

TEST_CASE("padding is stripped, and user_canceled is no end") {
    Bench bench;
    CHECK(bench.read(bench.record(ContentType::application_data, "padded", 1000)) == "padded");
    CHECK(bench.read(bench.record(ContentType::alert, std::string("\1\x5a", 2))) == "");
    CHECK(bench.read(bench.record(ContentType::application_data, "still here")) == "still here");
}

// Proves: connection C-20.
TEST_CASE("secrets are gone once they are wiped or replaced") {
    Bench bench;
    const Secret before = bench.keys.read;
    bench.read(bench.record(ContentType::handshake, message(24, std::string_view("\0", 1))));
    CHECK(bench.keys.read != before);
    wipe(bench.keys);
    CHECK(bench.keys.read == Secret{});
    CHECK(bench.keys.write == Secret{});
    CHECK(bench.keys.suite == Suite::none);
}

TEST_SUITE_END();
