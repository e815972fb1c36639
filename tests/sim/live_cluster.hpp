// A whole simulator alive in a test: world, agents, control operations, with neither sockets nor wall clock.
#pragma once

#include "core/json_codec.hpp"
#include "core/trace.hpp"
#include "fakes/invariants.hpp"
#include "sim/control/control_api.hpp"
#include "tests/sim/fake_network.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace csim {

/// A store in memory that counts what is written.
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

struct LiveCluster {
    explicit LiveCluster(const Setup& setup = {}, SimulatorOptions options = {});

    /// As a paced loop would: documents are saved after each event.
    void run_for(Duration span);
    /// The answer of a control operation, waiting for it up to an hour of simulated time.
    Result<Answer> ask(const std::string& method, const Json& params = Json::array());
    /// The same for one that succeeds.
    Json tell(const std::string& method, const Json& params = Json::array());
    /// Every node has a certificate from now on; nobody was asked.
    void certify_all();
    /// Key in place, so that registering makes none on other threads.
    void give_keys();
    FakeServer& node(const std::string& fqdn) { return *simulator->world().find(fqdn); }
    /// What is wrong with the world right now, one line each.
    std::vector<std::string> wrong() const;

    Timeline timeline{SimTime::from_unix_ns(1'700'000'000'000'000'000)};
    CountingStore store;
    Documents documents{store};
    Trace trace{timeline};
    TimelineInbox inbox{timeline};
    FakeNetwork network{timeline};
    std::unique_ptr<ClusterSimulator> simulator;
    std::unique_ptr<ControlApi> api;
    std::uint64_t events = 0;
    /// Called after each event.
    std::function<void()> after_event;
};

}  // namespace csim
