// Keeps watch over power devices and switches the outlets of hosts.
// Source: the manager API, §3.7.11. Differs: one call at a time per device, so that a question never collides
// with a switch; a device's address is looked up once, when it is told of.
#pragma once

#include "core/timeline.hpp"
#include "manager/jobs/step_run.hpp"
#include "manager/power/power_driver.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace csim {

struct PowerOptions {
    Duration first_question = std::chrono::seconds(1);  ///< after a device was told of
    Duration period = std::chrono::seconds(30);         ///< between checks of a device
};

/// One thread. Without a driver every device counts as unreachable.
class PowerControl {
  public:
    PowerControl(JobServices& services, PowerOptions options = {});
    ~PowerControl();

    /// `driver` outlives this; nullptr: none.
    void use(PowerDriver* driver) { driver_ = driver; }
    Result<std::string> resolve(const std::string& name) const;
    /// Starts to watch the devices that were loaded. Call once.
    void recover();

    /// Makes the device's first outlets and starts to watch it.
    void device_added(std::int64_t device);
    /// Asks for states anew, as after the device's address changed.
    void device_changed(std::int64_t device);
    void remove_type(std::int64_t type);
    void remove_device(std::int64_t device);
    void remove_outlet(std::int64_t outlet);
    std::int64_t add_outlet(PowerOutletRow row);
    /// Gives the outlet to another host and has both hosts' fencing configured anew.
    void assign(std::int64_t outlet, std::optional<std::int64_t> host);
    void host_removed(std::int64_t host);

    /// Switches one outlet and stores what it says. `done` is told how it went, not inside this call.
    void switch_outlet(
        std::int64_t outlet, PowerAction action, std::function<void(Result<PowerAnswer>)> done
    );

    /// Calls that wait or run.
    std::size_t pending() const;

  private:
    using Then = std::function<void(Result<PowerAnswer>)>;
    struct Waiting {
        PowerCall call;
        Then then;
    };
    struct Watch {
        EventId timer;
        std::deque<Waiting> calls;  ///< the first one runs
    };

    void watch(std::int64_t device, Duration delay);
    void check(std::int64_t device, bool first);
    void checked(std::int64_t device, bool reachable);
    void ask_outlets(std::int64_t device);
    void ask_controller(std::int64_t outlet);
    void learn(std::int64_t outlet, std::optional<bool> has_power);
    void configure_fencing(std::optional<std::int64_t> host);
    PowerCall call_for(std::int64_t device, PowerAction action, const std::string& outlet = {}) const;
    void enqueue(std::int64_t device, PowerCall call, Then then);
    void run_next(std::int64_t device);
    bool single_host_controllers(std::int64_t device) const;

    JobServices& services_;
    Model& model_;
    const PowerOptions options_;
    PowerDriver* driver_ = nullptr;
    std::map<std::int64_t, Watch> watches_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

/// What agents are told of the outlets of `host`, as the argument of configure_fencing.
Json fencing_agents(const Model& model, std::int64_t host);

}  // namespace csim
