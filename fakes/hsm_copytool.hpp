// One copytool of a worker: moves the bytes of its coordinator's requests and tells of it, a line an event.
#pragma once

#include "fakes/hsm_coordinator.hpp"
#include "fakes/hsm_port.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// `fake_hsm_copytool-<id>.json`.
struct HsmCopytoolState {
    CopytoolSettings copytool;
    std::string server;
    std::optional<std::string> uuid;  ///< of the last start
    bool wanted = true;               ///< to be running whenever its worker is up
};
BOOST_DESCRIBE_STRUCT(HsmCopytoolState, (), (copytool, server, uuid, wanted))

class HsmCopytool;

/// Who is told what a copytool does; its monitor.
class CopytoolWatch {
  public:
    virtual ~CopytoolWatch() = default;
    virtual void started(const HsmCopytool& copytool) = 0;
    /// One event as JSON text, without a newline.
    virtual void event(const HsmCopytool& copytool, std::string_view line) = 0;
    /// After its last event. `died`: its worker went down under it.
    virtual void stopped(const HsmCopytool& copytool, bool died) = 0;
};

/// Active requests share the bandwidth evenly; the next event is computed, not ticked.
/// Source: the behaviour specification, §3.11 and the protocol's §6.2. Differs: no request gets a first
/// second for free; sizes are constant; errors, cancellations and restores to a new fid occur when chances
/// say so.
class HsmCopytool final : public HsmAgent {
  public:
    HsmCopytool(const FakesContext& context, HsmCopytoolState fresh, const HsmOptions& options);
    struct Loaded {};
    HsmCopytool(Loaded, const FakesContext& context, HsmCopytoolState saved, const HsmOptions& options);
    ~HsmCopytool() override;

    const HsmCopytoolState& operator*() const { return **state_; }
    const HsmCopytoolState* operator->() const { return &**state_; }
    const std::string& id() const { return (*state_)->copytool.id; }
    /// `<basename of its program>-<filesystem>-<archive>-<index>`.
    std::string label() const;
    bool running() const { return coordinator_ != nullptr; }
    std::size_t active() const { return active_.size(); }

    /// Requires: not running.
    void configure(const CopytoolSettings& settings, const std::string& server);
    void set_wanted(bool wanted);
    /// The document goes. Requires: not running.
    void erase() { state_->erase(); }

    /// Requires: not running. Both outlive the run.
    void start(HsmCoordinator& coordinator, CopytoolWatch* watch);
    /// Says goodbye. Harmless when it is not running.
    void stop();
    /// Ends without a word.
    void die();

    void requests_assigned() override;
    void request_cancelled(const std::string& fid) override;

    /// Of I-22: progress is within bounds.
    std::vector<Violation> violations() const;

  private:
    struct Active {
        HsmRequest request;
        std::int64_t bytes = 0;
        bool moved = false;  ///< told under its new fid
    };

    void end(bool died);
    void advance();
    void work();
    void conclude(Active& done);
    void report(Active& each);
    void schedule();
    void tell_registration(const char* type);
    void tell(const Active& of, const std::string& step, const char* error = nullptr);

    FakesContext context_;
    const HsmOptions& options_;
    std::unique_ptr<Document<HsmCopytoolState>> state_;
    HsmCoordinator* coordinator_ = nullptr;
    CopytoolWatch* watch_ = nullptr;
    std::vector<Active> active_;  ///< in order of their start
    SimTime advanced_at_;
    SimTime next_report_;
    EventId timer_;
};

/// Names of saved copytools' documents, ascending.
std::vector<std::string> copytool_documents(const StateStore& store);

}  // namespace csim
