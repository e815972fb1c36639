#include "tests/live/traffic.hpp"

namespace csim::test {

class WatchedNetwork::Transport final : public AgentTransport {
  public:
    Transport(WatchedNetwork& network, std::string fqdn, std::unique_ptr<AgentTransport> inner)
        : network_(network), fqdn_(std::move(fqdn)), inner_(std::move(inner)) {}
    ~Transport() override { forget(); }

    void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        network_.traffic.polls[fqdn_] = network_.timeline_.now();
        polls_ = true;
        inner_->get(request, [this, done = std::move(done)](Outcome<std::vector<Message>> outcome) mutable {
            polls_ = false;
            network_.traffic.polls.erase(fqdn_);
            done(std::move(outcome));
        });
    }
    void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) override {
        begin();
        inner_->post(std::move(request), [this, done = std::move(done)](Outcome<Nothing> outcome) mutable {
            end();
            done(std::move(outcome));
        });
    }
    void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) override {
        begin();
        inner_->copytool_events(envelope, [this, done = std::move(done)](Outcome<Json> outcome) mutable {
            end();
            done(std::move(outcome));
        });
    }
    void abandon() override {
        forget();
        inner_->abandon();
    }

  private:
    void begin() { ++posts_, ++network_.traffic.posts; }
    void end() { --posts_, --network_.traffic.posts; }
    /// No callback of what was on its way will run.
    void forget() {
        network_.traffic.posts -= std::exchange(posts_, 0);
        if (!std::exchange(polls_, false)) return;
        auto poll = network_.traffic.polls.extract(fqdn_);
        if (poll) network_.traffic.abandoned.emplace_back(fqdn_, poll.mapped());
    }

    WatchedNetwork& network_;
    const std::string fqdn_;
    std::unique_ptr<AgentTransport> inner_;
    std::size_t posts_ = 0;
    bool polls_ = false;
};

Result<std::unique_ptr<AgentTransport>> WatchedNetwork::connect(
    const std::string& fqdn, const Credentials& credentials
) {
    auto inner = inner_.connect(fqdn, credentials);
    if (!inner) return inner.error();
    return std::unique_ptr<AgentTransport>(std::make_unique<Transport>(*this, fqdn, std::move(*inner)));
}

}  // namespace csim::test
