// Random lives of agents against the manager's sessions: restarts, zombie polls, late posts, resets.
#include "core/rng.hpp"
#include "core/utc.hpp"
#include "manager/agent_service.hpp"
#include "state/document.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {
namespace {

constexpr const char* fqdn = "oss1.example.com";
const std::vector<std::string> plugins = {"action_runner", "linux", "lustre"};

/// One run: does random things and keeps account of what must hold.
class World {
  public:
    explicit World(std::uint64_t seed)
        : rng_(seed), service_(timeline_, documents_, Rng(seed).stream("sessions")) {
        service_.add_host(fqdn);
        restart();
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) step();
        settle();
        CHECK_MESSAGE(violations_.empty(), violations_);
    }

  private:
    struct Poll {
        std::string instance;
        bool over = false;
    };
    struct Command {
        std::string session;
        int deliveries = 0;
    };

    void step() {
        switch (rng_.between(0, 9)) {
            case 0:
                return restart();
            case 1:
            case 2:
                return poll(live());
            case 3:
                return poll(instances_[pick(instances_.size())]);
            case 4:
                return post_create(live());
            case 5:
                return post_create(instances_[pick(instances_.size())]);
            case 6:
                return post_data();
            case 7:
            case 8:
                return send_command();
            default:
                return rng_.chance({1, 3})
                           ? reset()
                           : pass(rng_.between(Duration{}, Duration(std::chrono::seconds(8))));
        }
    }

    const std::string& live() const { return instances_.back(); }
    std::size_t pick(std::size_t size) {
        return static_cast<std::size_t>(rng_.between(0, static_cast<std::int64_t>(size) - 1));
    }
    void restart() {
        pass(std::chrono::milliseconds(1));
        // Clocks of rebooted hosts may go backwards.
        const Duration skew = rng_.between(Duration(-std::chrono::hours(9)), Duration(std::chrono::hours(9)));
        instances_.push_back(utc_text_z(timeline_.now() + skew));
    }
    void pass(Duration span) { timeline_.run_until(timeline_.now() + span); }

    void poll(const std::string& instance) {
        auto poll = std::make_shared<Poll>(Poll{instance});
        polls_.push_back(poll);
        service_.get(
            fqdn, {"2026-11-21T00:00:00Z", instance},
            [this, poll](AgentAnswer<std::vector<Message>> answer) {
                if (poll->over) violate("a poll was answered twice");
                poll->over = true;
                if (answer.has_error()) return violate("a poll failed");
                take(*poll, *answer);
            }
        );
        int open = 0;
        for (const auto& each : polls_) open += each->over ? 0 : 1;
        if (open > 1) violate("two polls are parked");
    }

    void take(const Poll& poll, const std::vector<Message>& messages) {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const Message& message = messages[i];
            const bool resets = message.type == MessageType::session_terminate_all;
            if (resets && i > 0) violate("a reset stands behind other messages");
            if (message.type == MessageType::session_terminate && service_.session(fqdn, *message.plugin)) {
                violate("a termination was delivered although a session is open");
            }
            if (!message.session_id) continue;
            if (service_.session(fqdn, *message.plugin) != message.session_id)
                violate("a message for a replaced session");
            if (owners_[message.session_id->str()] != poll.instance)
                violate("a message went to another instance");
            if (message.type == MessageType::data) deliver(message);
        }
    }

    void deliver(const Message& message) {
        const int number = message.body.to_json();
        if (++commands_.at(number).deliveries > 1) violate("a command came twice");
        if (number < last_delivered_) violate("commands changed places");
        last_delivered_ = number;
    }

    void post_create(const std::string& instance) {
        AgentPost post{"2026-11-21T00:00:00Z", instance, {}};
        const std::size_t count = 1 + pick(plugins.size());
        for (std::size_t i = 0; i < count; ++i)
            post.messages.push_back(message(MessageType::session_create_request, plugins[i]));
        if (service_.post(fqdn, post).has_error()) violate("a post was refused");
        for (std::size_t i = 0; i < count; ++i) owners_[*service_.session(fqdn, plugins[i])] = instance;
    }
    void post_data() {
        AgentPost post{
            "2026-11-21T00:00:00Z", live(), {message(MessageType::data, plugins[pick(plugins.size())])}};
        const auto session = service_.session(fqdn, *post.messages[0].plugin);
        if (rng_.chance({1, 4}))
            post.messages[0].session_id = "stale";
        else if (session)
            post.messages[0].session_id = *session;
        if (service_.post(fqdn, post).has_error()) violate("a post was refused");
    }
    static Message message(MessageType type, const std::string& plugin) {
        Message message;
        message.fqdn = fqdn;
        message.type = type;
        message.plugin = plugin;
        return message;
    }

    void send_command() {
        const auto session = service_.session(fqdn, "action_runner");
        const int number = static_cast<int>(commands_.size());
        const bool sent = service_.send(fqdn, "action_runner", Body(Json(number)));
        if (sent != session.has_value()) violate("a command was taken without a session");
        if (sent) commands_.push_back({*session});
    }
    void reset() {
        const std::string plugin = plugins[pick(plugins.size())];
        service_.reset_session(fqdn, plugin, service_.session(fqdn, plugin).value_or(""));
    }

    /// The living agent polls until nothing comes: whatever its session was sent must have arrived.
    void settle() {
        post_create(live());
        send_command();
        for (int i = 0; i < 4; ++i) {
            poll(live());
            pass(std::chrono::seconds(1));
        }
        const auto session = service_.session(fqdn, "action_runner");
        for (const Command& command : commands_) {
            if (command.session == session && command.deliveries != 1)
                violate("a command of the current session was lost");
        }
        if (service_.queued(fqdn) != 0) violate("something stays queued for ever");
    }

    void violate(const std::string& what) { violations_ += what + "\n"; }

    Rng rng_;
    Timeline timeline_{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store_ = memory_store();
    Documents documents_{*store_};
    AgentService service_;
    std::vector<std::string> instances_;
    std::vector<std::shared_ptr<Poll>> polls_;
    std::map<std::string, std::string> owners_;
    std::vector<Command> commands_;
    int last_delivered_ = -1;
    std::string violations_;
};

}  // namespace

TEST_SUITE_BEGIN("manager/agent_side_interleaving");

TEST_CASE("in any order of restarts and polls and posts nothing is lost or doubled or misdirected") {
    for_each_seed(400, [](std::uint64_t seed) { World(seed).run(120); });
}

TEST_SUITE_END();

}  // namespace csim
