#include "tests/conformance/manager_front_bench.hpp"

#include "manager/plain_signer.hpp"
#include "tests/conformance/manager_process.hpp"

namespace csim {
namespace {

class FrontBench final : public ManagerBench {
  public:
    FrontBench() { start(); }

    std::string certificate_request(const std::string& common_name, const std::string& key) override {
        return plain_request(common_name, key);
    }
    Reply send(const std::string& certificate, HttpRequest request) override {
        Peer peer;
        peer.serial = plain_serial(certificate);
        if (!certificate.empty()) peer.certificate = Peer::Certificate::valid;
        return hand_over(request, peer);
    }
    Reply send_as_stranger(HttpRequest request) override {
        Peer peer;
        peer.certificate = Peer::Certificate::invalid;
        return hand_over(request, peer);
    }
    SimTime now() const override { return timeline_.now(); }
    void run_for(Duration span) override {
        const SimTime end = timeline_.now() + span;
        process_->documents.save_all();
        for (auto due = timeline_.next_due(); due && *due <= end; due = timeline_.next_due()) {
            timeline_.run_next();
            process_->documents.save_all();
        }
        timeline_.run_until(end);
    }
    void restart() override {
        process_->documents.save_all();
        process_.reset();
        start();
    }
    AgentService& service() override { return process_->service; }
    ActionRpc& rpc() override { return process_->rpc; }
    Tokens& tokens() override { return process_->tokens; }
    void remove_host(const std::string& fqdn) override {
        hosts_.hosts.erase(fqdn);
        hosts_.addresses.erase(fqdn);
        process_->registrar.remove_host(fqdn);
    }
    void occupy_address(const std::string& address) override { hosts_.addresses.insert(address); }
    std::vector<std::string> events() override { return std::exchange(events_, {}); }

  private:
    void start() {
        const Rng rng = Rng(7).stream("life " + std::to_string(++lives_));
        signer_ = std::make_unique<PlainSigner>(rng.stream("serials"));
        process_ = std::make_unique<ManagerProcess>(timeline_, *store_, hosts_, events_, *signer_, rng);
    }
    Reply hand_over(const HttpRequest& request, const Peer& peer) {
        auto reply = std::make_shared<std::optional<HttpReply>>();
        process_->front.handle(request, peer, [reply](HttpReply answer) { *reply = std::move(answer); });
        return reply;
    }

    Timeline timeline_{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store_ = memory_store();
    HostTable hosts_;
    HeardEvents events_;
    int lives_ = 0;
    std::unique_ptr<PlainSigner> signer_;
    std::unique_ptr<ManagerProcess> process_;
};

}  // namespace

std::unique_ptr<ManagerBench> make_front_bench() {
    return std::make_unique<FrontBench>();
}

}  // namespace csim
