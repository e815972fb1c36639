// What peers of load-test connections may send: TLS records under the right keys, HTTP/1.1, HTTP/2.
#include "connections/http/h1_reply.hpp"
#include "connections/http/h2_session.hpp"
#include "tests/fuzz/targets.hpp"
#include "tls13/light_tls.hpp"

#include <algorithm>
#include <memory>

namespace csim::test {
namespace {

using namespace connections;
using namespace tls13;

/// The input is a list of records: a byte of type, a byte of length, the content. A type of 0 is followed by
/// bytes that go over the wire as they are; everything else is sealed with the key that the reader expects.
void tls_records(std::string_view input) {
    RecordCipher cipher;
    LightKeys keys;
    keys.suite = Suite::aes_128_gcm_sha256;
    keys.read.fill(7);
    keys.write.fill(9);
    LightCounts counts;
    LightTls light(cipher, keys, counts);
    std::string waiting, plain, out;
    while (input.size() >= 2 && light.end() == TlsEnd::none) {
        const auto type = static_cast<std::uint8_t>(input[0]);
        const std::size_t size = std::min<std::size_t>(static_cast<std::uint8_t>(input[1]), input.size() - 2);
        const std::string_view content = input.substr(2, size);
        input.remove_prefix(2 + size);
        if (type == 0) {
            waiting.append(content);
        } else {
            const TrafficKey key = derive_key(keys.suite, keys.read);
            cipher.seal(keys.suite, key, keys.read_count, static_cast<ContentType>(type), content, waiting);
        }
        const std::size_t used = light.feed(waiting.data(), waiting.size(), plain);
        if (used > waiting.size()) throw FuzzFailure("more was used than there was");
        waiting.erase(0, used);
        if (waiting.size() > record_header_bytes + record_body_max) throw FuzzFailure("a record has no end");
    }
    if (light.end() == TlsEnd::none) light.seal("answer", out);
    if (keys.answer_update && !out.empty()) throw FuzzFailure("an update that was asked for was not sent");
}

void light_reply(std::string_view input) {
    H1Reply whole, pieces;
    const std::size_t used = whole.feed(input);
    std::size_t fed = 0;
    while (fed < input.size() && pieces.state() == H1Reply::State::need_more)
        fed += pieces.feed(input.substr(fed, 1));
    if (whole.state() != pieces.state()) throw FuzzFailure("it depends on how the bytes were cut");
    if (whole.state() == H1Reply::State::complete && used != fed)
        throw FuzzFailure("it ends elsewhere when cut");
    if (whole.state() == H1Reply::State::complete && (whole.status() < 200 || whole.status() > 999))
        throw FuzzFailure("a status that cannot be");
}

void light_request(std::string_view input) {
    H1Request reader;
    std::size_t used = 0;
    while (used < input.size() && reader.state() == H1Request::State::need_more)
        used += reader.feed(input.substr(used, 7));
    if (reader.state() != H1Request::State::complete) return;
    const Request request = reader.take();
    if (request.path.empty() || request.path[0] != '/') throw FuzzFailure("a path without a slash");
    if (request.body.size() > request_body_bytes_max) throw FuzzFailure("a body beyond the limit");
}

struct Answering final : H2Events {
    void asked(std::int32_t stream, Request) override { streams.push_back(stream); }
    std::vector<std::int32_t> streams;
};

/// Frames on an established connection, asleep and awake by turns.
void h2(H2Session::Role role, std::string_view input) {
    Answering events;
    H2Profiles profiles;
    H2Idle idle;
    idle.profile = profiles.number_of({{3, 100}});
    std::unique_ptr<H2Session> session;
    while (!input.empty()) {
        if (!session)
            session = std::make_unique<H2Session>(role, H2Options(), events, idle, profiles[idle.profile]);
        if (role == H2Session::Role::client && session->open_streams() == 0 && session->can_request())
            session->request("GET", "h", "/", "");
        const std::string_view piece = input.substr(0, 40);
        input.remove_prefix(piece.size());
        if (!session->feed(piece)) return;
        for (const std::int32_t stream : events.streams) session->reply(stream, 200, "body");
        events.streams.clear();
        std::string out;
        session->drain(out);
        if (!session->can_freeze()) continue;
        idle = session->freeze(profiles, out);
        if (idle.profile == H2Profiles::none) return;
        session.reset();
    }
}

void h2_client(std::string_view input) {
    h2(H2Session::Role::client, input);
}

void h2_server(std::string_view input) {
    h2(H2Session::Role::server, input);
}

std::string bytes(std::initializer_list<int> list) {
    std::string made;
    for (const int each : list) made += static_cast<char>(each);
    return made;
}

}  // namespace

std::vector<FuzzTarget> connection_targets() {
    const std::string data = bytes({23, 5}) + "hello", update = bytes({22, 5, 24, 0, 0, 1, 1});
    const std::string ticket =
        bytes({22, 22, 4, 0, 0, 18}) + "lllllllln" + bytes({1}) + "n" + bytes({0, 3}) + "tkt" + bytes({0, 0});
    const std::string headers = bytes({0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88}),
                      ping = bytes({0, 0, 8, 6, 0, 0, 0, 0, 0}) + "12345678";
    const std::string request = bytes({0, 0, 4, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x86, 0x81});
    return {
        {"tls_records",
         tls_records,
         {data + update + data, ticket + data, data + bytes({21, 2, 1, 0}), bytes({0, 5, 23, 3, 3, 0, 20})}},
        {"light_reply",
         light_reply,
         {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
          "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nA: b\r\n\r\n"}},
        {"light_request",
         light_request,
         {"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
          "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"}},
        {"h2_client",
         h2_client,
         {headers + ping, ping + bytes({0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0}),
          bytes({0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0})}},
        {"h2_server",
         h2_server,
         {request + ping, ping + request, bytes({0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 5})}},
    };
}

}  // namespace csim::test
