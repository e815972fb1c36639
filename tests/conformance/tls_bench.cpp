#include "tests/conformance/tls_bench.hpp"

#include "benchmark/connections/throwaway_authority.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace csim {
namespace {

constexpr const char* bench_fqdn = "oss1.example.com";

const ThrowawayAuthority& authority() {
    static const ThrowawayAuthority made;
    return made;
}

HttpServerOptions server_options() {
    static const ThrowawayPair pair = authority().server();
    HttpServerOptions options;
    options.tls = TlsServerOptions{pair.key, pair.certificate, authority().certificate_pem()};
    options.body_bytes_max = post_bytes_max;
    return options;
}

HttpsClientOptions client_options(std::uint16_t port, bool reference) {
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.keep_alive = !reference;
    return options;
}

std::shared_ptr<const TlsIdentity> client_identity() {
    static const ThrowawayPair pair = authority().client(bench_fqdn, 0x296C5C5D);
    return *parse_identity(pair.key, pair.certificate);
}

HttpReply messages_reply(const std::vector<Message>& messages) {
    return {200, {{"Content-Type", "application/json"}}, encode_messages(messages)};
}

}  // namespace

void CountingTransport::get(
    const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done
) {
    ++sent;
    inner_.get(request, [this, done = std::move(done)](Outcome<std::vector<Message>> outcome) mutable {
        ++finished;
        done(std::move(outcome));
    });
}

void CountingTransport::post(const AgentPost& request, UniqueFunction<void(Outcome<Nothing>)> done) {
    ++sent;
    inner_.post(request, [this, done = std::move(done)](Outcome<Nothing> outcome) mutable {
        ++finished;
        done(std::move(outcome));
    });
}

void CountingTransport::copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) {
    inner_.copytool_events(envelope, std::move(done));
}

void CountingTransport::abandon() {
    abandoned += sent - finished - abandoned;
    inner_.abandon();
}

TlsBench::TlsBench(const BenchOptions& options)
    : server_(
          inbox_, server_options(),
          [this](HttpRequest request, const Peer& peer, Responder responder) {
              answer(request, peer, std::move(responder));
          }
      ),
      client_(inbox_, client_options(server_.port(), options.habits.reference)),
      transport_(client_, client_identity()),
      counting_(transport_),
      agent_(
          AgentSetup{bench_fqdn, options.habits, 0, Rng(7), nullptr},
          {timeline_, counting_, reports_, actions_}
      ) {}

void TlsBench::run_for(Duration span) {
    const SimTime end = timeline_.now() + span;
    settle();
    while (true) {
        const auto due = timeline_.next_due();
        if (!due || *due > end) break;
        timeline_.run_next();
        settle();
    }
    timeline_.run_until(end);
}

/// A request that is neither abandoned nor kept waiting by the test has been answered, and its answer
/// handled.
void TlsBench::settle() {
    const bool settled = inbox_.run_until([this] {
        const std::uint64_t kept = (parked_ ? 1U : 0U) + (posted_ ? 1U : 0U);
        return counting_.sent - counting_.finished - counting_.abandoned <= kept &&
               received_ + counting_.abandoned >= counting_.sent;
    });
    REQUIRE(settled);
}

void TlsBench::answer(const HttpRequest& request, const Peer& peer, Responder responder) {
    ++received_;
    CHECK(peer.common_name == bench_fqdn);
    const std::string* type = find_field(request.headers, "Content-Type");
    CHECK((type != nullptr && *type == "application/json"));
    if (request.method == "GET") {
        gets_.push_back({timeline_.now(), request.target});
        return park(std::move(responder));
    }
    CHECK(request.target == "/agent/message/");
    auto post = decode_post(request.body);
    REQUIRE(post.has_value());
    posts_.push_back({timeline_.now(), request.body, *std::move(post)});
    posted_ = std::move(responder);
    if (!holds_posts_) answer_post();
}

void TlsBench::park(Responder responder) {
    parked_ = std::move(responder);
    if (get_status_) return answer_poll({*get_status_, {}, ""});
    if (!outgoing_.empty()) return answer_poll(messages_reply(std::exchange(outgoing_, {})));
    timeline_.after(30s, [this, poll = ++poll_] {
        if (parked_ && poll == poll_) answer_poll(messages_reply({}));
    });
}

void TlsBench::answer_poll(HttpReply reply) {
    ++poll_;
    parked_->reply(std::move(reply));
    parked_.reset();
}

void TlsBench::answer_post() {
    posted_->reply({post_status_, {}, ""});
    posted_.reset();
}

void TlsBench::send(std::vector<Message> messages) {
    for (Message& message : messages) outgoing_.push_back(std::move(message));
    if (parked_ && !get_status_) answer_poll(messages_reply(std::exchange(outgoing_, {})));
}

void TlsBench::fail_gets(unsigned status) {
    get_status_ = status == 0 ? 500 : status;
    if (parked_) answer_poll({*get_status_, {}, ""});
}

void TlsBench::works() {
    get_status_.reset();
    post_status_ = 200;
}

void TlsBench::release_posts() {
    holds_posts_ = false;
    if (posted_) answer_post();
}

}  // namespace csim
