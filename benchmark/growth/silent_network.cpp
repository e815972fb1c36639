#include "benchmark/growth/silent_network.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace csim {

class SilentNetwork::Way final : public AgentTransport {
  public:
    explicit Way(Timeline& timeline) : timeline_(timeline) {}

    void get(const AgentGet&, UniqueFunction<void(Outcome<std::vector<Message>>)> done) override {
        polled_ = std::move(done);
    }
    void post(AgentPost post, UniqueFunction<void(Outcome<Nothing>)> done) override {
        posted_ = std::move(done);
        for (const Message& message : post.messages) {
            if (message.type != MessageType::session_create_request) continue;
            Message& response = responses_.emplace_back();
            response.type = MessageType::session_create_response;
            response.plugin = message.plugin;
            response.session_id = std::to_string(++sessions_);
        }
        timeline_.after(1ms, [way = std::weak_ptr(alive_)] {
            if (const auto self = way.lock()) (*self)->answer();
        });
    }
    void copytool_events(const Json&, UniqueFunction<void(Outcome<Json>)>) override {}
    void abandon() override {
        polled_ = {};
        posted_ = {};
        responses_.clear();
    }

  private:
    void answer() {
        if (posted_) std::exchange(posted_, {})(Nothing{});
        if (responses_.empty() || !polled_) return;
        auto polled = std::exchange(polled_, {});
        polled(std::exchange(responses_, {}));
    }

    Timeline& timeline_;
    std::uint64_t sessions_ = 0;
    UniqueFunction<void(Outcome<std::vector<Message>>)> polled_;
    UniqueFunction<void(Outcome<Nothing>)> posted_;
    std::vector<Message> responses_;
    std::shared_ptr<Way*> alive_ = std::make_shared<Way*>(this);
};

Result<std::unique_ptr<AgentTransport>> SilentNetwork::connect(const std::string&, const Credentials&) {
    return std::unique_ptr<AgentTransport>(std::make_unique<Way>(timeline_));
}

void SilentNetwork::register_agent(
    const std::string&, const std::string&, UniqueFunction<void(Result<Reply>)> done
) {
    timeline_.after(1ms, [this, done = std::move(done)]() mutable {
        ++hosts_;
        const Json told{{"host_id", hosts_}, {"command_id", hosts_}, {"certificate", certificate_pem_}};
        done(Reply{201, told.dump()});
    });
}

}  // namespace csim
