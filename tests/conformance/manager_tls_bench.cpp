#include "tests/conformance/manager_tls_bench.hpp"

#include "agent_proto/identity.hpp"
#include "core/work_queue.hpp"
#include "manager/certificate_authority.hpp"
#include "net/http_server.hpp"
#include "net/https_client.hpp"
#include "tests/conformance/manager_process.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace csim {
namespace {

constexpr const char* authority_documents[] = {
    "authority.pem", "authority.crt", "manager.pem", "manager.crt"};

/// RSA keys take long to make: one authority for all benches, in documents to start from.
StateStore& made_authority() {
    static const std::unique_ptr<StateStore> store = [] {
        WorkQueue inbox;
        auto made = memory_store();
        const CertificateAuthority authority(*made, inbox, {{}, 0});
        return made;
    }();
    return *store;
}

/// The key of that name; made when it is asked for first.
const std::string& key_named(const std::string& name) {
    static std::map<std::string, std::string> keys;
    std::string& key = keys[name];
    if (key.empty()) key = make_identity("key.example.com", KeyKind::p256).value().key_pem;
    return key;
}

SignedCertificate sign_with(CertificateAuthority& authority, const std::string& common_name) {
    const auto request = authority.parse(make_csr(common_name, key_named(common_name)).value());
    std::optional<SignedCertificate> certificate;
    authority.sign(request.value(), [&](Result<SignedCertificate> done) { certificate = done.value(); });
    REQUIRE(certificate.has_value());
    return *certificate;
}

/// One life of the manager with everything that ends with it: server, connections, clients.
class TlsLife {
  public:
    TlsLife(Timeline& timeline, StateStore& store, HostTable& hosts, HeardEvents& events, const Rng& rng)
        : authority_(store, inbox_, {{}, 0}), process(timeline, store, hosts, events, authority_, rng) {
        HttpServerOptions options;
        options.tls = TlsServerOptions{
            authority_.server_key(), authority_.server_certificate(), authority_.authority_certificate()};
        server_ = std::make_unique<HttpServer>(
            inbox_, std::move(options),
            [this](const HttpRequest& request, const Peer& peer, Responder responder) {
                answer(request, peer, std::move(responder));
            }
        );
        HttpsClientOptions to;
        to.host = "127.0.0.1";
        to.port = server_->port();
        client_ = std::make_unique<HttpsClient>(inbox_, std::move(to));
    }

    ManagerBench::Reply send(std::shared_ptr<const TlsIdentity> identity, HttpRequest request) {
        auto reply = std::make_shared<std::optional<HttpReply>>();
        auto& idle = idle_lanes_[identity.get()];
        if (idle.empty()) idle.push_back(client_->open_lane(identity));
        const HttpsClient::LaneId lane = idle.back();
        idle.pop_back();
        ++sent_;
        client_->send(
            lane, std::move(request), std::chrono::minutes(10),
            [this, reply, lane, identity](Result<HttpReply> got) {
                ++finished_;
                idle_lanes_[identity.get()].push_back(lane);
                REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().detail));
                *reply = std::move(*got);
            }
        );
        settle();
        return reply;
    }

    /// Until nothing is on its way any more: every request that has no reply is held by the manager.
    void settle() {
        REQUIRE(inbox_.run_until([this] {
            process.documents.save_all();
            return sent_ - finished_ == arrived_ - answered_;
        }));
    }

    /// The holder of this certificate, by whichever of our keys it was issued for.
    std::shared_ptr<const TlsIdentity> identity_of(const std::string& certificate) {
        auto& known = identities_[certificate];
        for (const char* key : {"key", "another key"}) {
            if (known == nullptr && check_certificate(certificate, key_named(key)))
                known = parse_identity(key_named(key), certificate).value();
        }
        return known != nullptr ? known : known = signed_by(authority_, "nobody.example.com");
    }
    static std::shared_ptr<const TlsIdentity> signed_by(CertificateAuthority& by, const std::string& name) {
        return parse_identity(key_named(name), sign_with(by, name).pem).value();
    }

  private:
    void answer(const HttpRequest& request, const Peer& peer, Responder responder) {
        ++arrived_;
        auto held = std::make_shared<Responder>(std::move(responder));
        process.front.handle(request, peer, [this, held](HttpReply reply) {
            ++answered_;
            held->reply(std::move(reply));
        });
    }

    WorkQueue inbox_;
    CertificateAuthority authority_;

  public:
    ManagerProcess process;

  private:
    std::uint64_t sent_ = 0, arrived_ = 0, answered_ = 0, finished_ = 0;
    std::map<std::string, std::shared_ptr<const TlsIdentity>> identities_;
    std::map<const TlsIdentity*, std::vector<HttpsClient::LaneId>> idle_lanes_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<HttpsClient> client_;
};

class ManagerTlsBench final : public ManagerBench {
  public:
    ManagerTlsBench() {
        for (const char* document : authority_documents)
            store_->put({document, ""}, *made_authority().load({document, ""}));
        start();
    }

    std::string certificate_request(const std::string& common_name, const std::string& key) override {
        return make_csr(common_name, key_named(key)).value();
    }
    Reply send(const std::string& certificate, HttpRequest request) override {
        return life_->send(
            certificate.empty() ? nullptr : life_->identity_of(certificate), std::move(request)
        );
    }
    Reply send_as_stranger(HttpRequest request) override {
        static const auto stranger = [] {
            WorkQueue inbox;
            const auto store = memory_store();
            CertificateAuthority other(*store, inbox, {{}, 0});
            return TlsLife::signed_by(other, "stranger.example.com");
        }();
        return life_->send(stranger, std::move(request));
    }
    SimTime now() const override { return timeline_.now(); }
    void run_for(Duration span) override {
        const SimTime end = timeline_.now() + span;
        life_->settle();
        for (auto due = timeline_.next_due(); due && *due <= end; due = timeline_.next_due()) {
            timeline_.run_next();
            life_->settle();
        }
        timeline_.run_until(end);
    }
    void restart() override {
        life_->process.documents.save_all();
        life_.reset();
        start();
    }
    AgentService& service() override { return life_->process.service; }
    ActionRpc& rpc() override { return life_->process.rpc; }
    Tokens& tokens() override { return life_->process.tokens; }
    void remove_host(const std::string& fqdn) override {
        hosts_.hosts.erase(fqdn);
        hosts_.addresses.erase(fqdn);
        life_->process.registrar.remove_host(fqdn);
    }
    void occupy_address(const std::string& address) override { hosts_.addresses.insert(address); }
    std::vector<std::string> events() override { return std::exchange(events_, {}); }

  private:
    void start() {
        life_ = std::make_unique<TlsLife>(
            timeline_, *store_, hosts_, events_, Rng(7).stream("life " + std::to_string(++lives_))
        );
    }

    Timeline timeline_{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store_ = memory_store();
    HostTable hosts_;
    HeardEvents events_;
    int lives_ = 0;
    std::unique_ptr<TlsLife> life_;
};

}  // namespace

std::unique_ptr<ManagerBench> make_manager_tls_bench() {
    return std::make_unique<ManagerTlsBench>();
}

}  // namespace csim
