// A whole manager over virtual time, with scripted agents and no sockets.
#pragma once

#include "core/json.hpp"
#include "core/timeline.hpp"
#include "manager/manager.hpp"
#include "manager/plain_signer.hpp"
#include "state/document.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim::test {

struct RestAnswer {
    unsigned status = 0;
    Json body;
    std::string text;
    HttpFields headers;
    bool done = false;
};

/// A store that keeps nothing beyond the process and counts what is put into it and erased from it.
class CountingStore final : public StateStore {
  public:
    std::vector<std::string> documents(std::string_view prefix) const override {
        return store_->documents(prefix);
    }
    std::optional<Json> load(const EntryName& name) const override { return store_->load(name); }
    std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const override {
        return store_->load_section(document, section);
    }
    void put(const EntryName& name, const Json& value) override {
        ++writes;
        store_->put(name, value);
    }
    void erase(const EntryName& name) override {
        ++writes;
        store_->erase(name);
    }
    void commit(UniqueFunction<void()> on_durable) override { store_->commit(std::move(on_durable)); }
    void flush() override { store_->flush(); }
    std::uint64_t writes = 0;

  private:
    std::unique_ptr<StateStore> store_ = memory_store();
};

/// One manager; may be started again over the same state.
class ManagerFixture {
  public:
    explicit ManagerFixture(ManagerOptions options = {});
    ~ManagerFixture();

    /// Ends the manager as a crash would and starts another one over what was saved.
    void restart();
    /// Runs everything due in the next `span`.
    void advance(Duration span);
    /// Runs until `condition`, at most `limit`; true if it came true.
    bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(10));

    /// Sends a request as the user who logged in last, and runs until it is answered.
    RestAnswer rest(const std::string& method, const std::string& target, const Json& body = Json());
    /// The same without waiting.
    std::shared_ptr<RestAnswer> start_rest(
        const std::string& method, const std::string& target, const Json& body = Json()
    );
    void log_in(const std::string& user, const std::string& password = "lustre");
    void log_out();
    HttpFields headers;  ///< sent with every request

    /// A token for `count` registrations with `profile`.
    std::string token(const std::string& profile, int credits = 1);
    /// Entries saved so far.
    std::uint64_t writes() const { return store->writes; }
    bool command_done(std::int64_t command) { return manager->model().commands.at(command).complete; }

    Timeline timeline;
    std::unique_ptr<CountingStore> store;
    std::unique_ptr<Documents> documents;
    std::unique_ptr<PlainSigner> signer;
    std::unique_ptr<ManagerCore> manager;

  private:
    void start();
    ManagerOptions options_;
    std::string session_;
};

/// An agent that answers every action after 10 ms by a script, and reports what it is told to.
class ScriptedAgent {
  public:
    ScriptedAgent(ManagerFixture& fixture, std::string fqdn);
    ~ScriptedAgent();

    /// Registers and starts to poll. Returns the set-up command.
    std::int64_t join(const std::string& profile);
    void start();
    /// As if its power failed: nothing is sent or answered any more.
    void stop();
    void report(const std::string& plugin, const Json& body);
    bool has_session(const std::string& plugin) const { return sessions_.contains(plugin); }

    /// The answer to an action: a result; throw std::runtime_error for an exception on the agent.
    using Answer = std::function<Json(const Json& args)>;
    std::map<std::string, Answer> answers;
    std::set<std::string> silent;  ///< actions that never end
    std::vector<std::string> actions;
    std::vector<Json> arguments;
    std::vector<std::string> cancelled;
    std::int64_t host_id = 0;
    std::string fqdn;
    std::string lnet_state = "lnet_unloaded";
    std::string nid_address = "10.0.0.1";
    Json devices = Json::object();

    Json network_report() const;
    Json linux_report() const;

  private:
    void poll();
    void post(std::vector<Message> messages);
    void received(const std::vector<Message>& messages);
    void run(const Json& body);
    void answer(const std::string& id, const std::string& action, const Json& args);
    void restart();
    Json result_of(const std::string& action, const Json& args);
    void later(Duration delay, std::function<void()> what);

    ManagerFixture& fixture_;
    std::map<std::string, std::string> sessions_;
    std::map<std::string, std::int64_t> sequence_;
    std::shared_ptr<int> life_;  ///< a new one for each process of the agent
    std::string boot_time_, start_time_;
};

}  // namespace csim::test
