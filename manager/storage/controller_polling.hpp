// Keeps what controllers tell of their LUNs and disks, and whether they can be reached.
// Source: the manager API, §2.24. Differs: controllers are asked again every half minute, not once.
#pragma once

#include "core/rng.hpp"
#include "core/timeline.hpp"
#include "manager/model/alerts.hpp"
#include "manager/storage/controller_source.hpp"

#include <map>
#include <memory>

namespace csim {

struct PollingOptions {
    Duration period = std::chrono::seconds(30);  ///< between questions to one controller
};

/// One thread. Without a source nobody is asked and nothing is known.
class ControllerPolling {
  public:
    ControllerPolling(Model& model, Alerts& alerts, Rng rng, PollingOptions options = {});
    ~ControllerPolling();

    /// `source` outlives this. Starts to ask the controllers that are known. Call once.
    void use(ControllerSource& source);
    /// The controller's storage resource: a new one, or the one it has already.
    std::int64_t add(std::int64_t controller_id);
    /// Forgets the controller and what it told.
    void remove(std::int64_t row);
    /// Questions since the start.
    std::uint64_t questions() const { return questions_; }
    /// Questions that were not answered yet.
    std::size_t asked() const { return asked_; }

  private:
    void ask_after(std::int64_t row, Duration delay);
    void ask(std::int64_t row);
    void told(std::int64_t row, const ControllerReport& report);
    void forget_item(std::int64_t item);
    void note_figures(std::int64_t row, const ControllerReport& report);
    void keep(std::int64_t row, StorageItemRow item, std::map<std::string, std::int64_t>& known);

    Model& model_;
    Alerts& alerts_;
    Rng rng_;
    const PollingOptions options_;
    ControllerSource* source_ = nullptr;
    std::map<std::int64_t, EventId> timers_;  ///< by storage resource
    std::size_t asked_ = 0;
    std::uint64_t questions_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace csim
