#include "tests/sim/fake_network.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

/// Lets an agent's transport die while its manager lives on.
class Forward final : public AgentTransport {
  public:
    explicit Forward(ScriptedManager& manager) : manager_(manager) {}
    ~Forward() override { manager_.abandon(); }
    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        manager_.get(request, std::move(done));
    }
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override {
        manager_.post(std::move(request), std::move(done));
    }
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override {
        manager_.copytool_events(envelope, std::move(done));
    }
    void abandon() override { manager_.abandon(); }

  private:
    ScriptedManager& manager_;
};

}  // namespace

/// A faulty transport whose requests are counted.
class FakeNetwork::Way final : public AgentTransport {
  public:
    Way(FakeNetwork& network, std::string fqdn, ScriptedManager& manager)
        : network_(network),
          fqdn_(std::move(fqdn)),
          way_(network.links_.wrap(fqdn_, std::make_unique<Forward>(manager))) {}
    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        ++network_.counted.requests;
        way_->get(request, std::move(done));
    }
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override {
        ++network_.counted.requests;
        if (network_.on_post) network_.on_post(fqdn_, request);
        way_->post(std::move(request), std::move(done));
    }
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override {
        way_->copytool_events(envelope, std::move(done));
    }
    void abandon() override { way_->abandon(); }

  private:
    FakeNetwork& network_;
    std::string fqdn_;
    std::unique_ptr<AgentTransport> way_;
};

FakeNetwork::FakeNetwork(Timeline& timeline) : timeline_(timeline), links_(timeline, Rng(1)) {}
FakeNetwork::~FakeNetwork() = default;

Result<std::unique_ptr<AgentTransport>> FakeNetwork::connect(const std::string& fqdn, const Credentials&) {
    auto& manager = managers_[fqdn];
    if (!manager) {
        manager = std::make_unique<ScriptedManager>(timeline_);
        manager->opens_sessions = true;
        manager->keeps_requests = keeps_requests;
    }
    return std::unique_ptr<AgentTransport>(std::make_unique<Way>(*this, fqdn, *manager));
}

void FakeNetwork::register_agent(
    const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
) {
    registered.push_back(Json::parse(body)["fqdn"]);
    const bool welcome = secret == good_secret && !unwelcome.contains(registered.back());
    auto answer = [this, good = welcome, done = std::move(done)]() mutable {
        if (!good) return done(Reply{403, ""});
        ++hosts_;
        const Json told{{"host_id", hosts_}, {"command_id", 100 + hosts_}, {"certificate", certificate_pem}};
        done(Reply{201, told.dump()});
    };
    if (holds_registrations) {
        held_.push_back(std::move(answer));
    } else {
        timeline_.after(10ms, std::move(answer));
    }
}

void FakeNetwork::release_registrations() {
    holds_registrations = false;
    auto held = std::exchange(held_, {});
    for (auto& answer : held) answer();
}

}  // namespace csim
