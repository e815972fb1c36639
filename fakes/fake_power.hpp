// The power of the simulated cluster: strips with outlets, and which server hangs on which of them.
#pragma once

#include "core/result.hpp"
#include "fakes/fakes_context.hpp"
#include "fakes/outlet_map.hpp"
#include "fakes/power_strip.hpp"
#include "fakes/violation.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

class FakeServer;

struct PowerTimes {
    Duration cycle = 3s;    ///< an outlet that is rebooted stays off that long
    Duration delayed = 5s;  ///< the delayed commands of the menu wait that long
};

enum class OutletTiming { at_once, delayed };

/// Each server has one supply on every strip, all at the same outlet number; workers have none.
/// Source: the behaviour specification, §3.9.1. Differs: every strip has its own states; a server starts when
/// its first supply comes back and stops, at that instant, when its last one goes; cycling and delays are
/// events, a new command to an outlet replaces them, and they survive a restart; removing a server frees its
/// outlets everywhere.
class FakePower {
  public:
    /// Loads everything saved. Throws Fatal on what cannot be read.
    explicit FakePower(const FakesContext& context, PowerTimes times = {});
    ~FakePower();
    FakePower(const FakePower&) = delete;
    FakePower& operator=(const FakePower&) = delete;

    /// Told after the change; either may switch outlets again.
    std::function<void(const std::string& fqdn)> on_power_lost;
    std::function<void(const std::string& fqdn)> on_power_restored;
    std::function<void(PowerStrip& strip)> on_strip_added;

    /// The next strip, `pdu000` and on, with an outlet that is on for every server there is.
    PowerStrip& add_strip();
    /// The outlet it got, on, on every strip.
    int add_server(const std::string& fqdn);
    /// Its outlets go. Harmless for a server without any.
    void remove_server(const std::string& fqdn);
    /// What is saved is made to fit the servers there are: those without an outlet get one, outlets of
    /// servers that are gone go, and there is at least one strip when there is a server.
    void reconcile(const std::set<std::string>& servers);
    /// Begins anew to wait for what was to be switched later.
    void resume();

    bool has_power(const std::string& fqdn) const;
    const OutletMap& outlets() const { return map_; }
    /// In order of name.
    std::vector<PowerStrip*> strips() const;
    PowerStrip* find(const std::string& name) const;

    /// Errors: not_found for an unknown strip or outlet; then nothing changed.
    Result<Nothing> command(
        const std::string& strip, int outlet, OutletCommand what, OutletTiming timing = OutletTiming::at_once
    );
    /// The server's outlet on every strip. Errors: not_found for a server without one.
    Result<Nothing> command_server(const std::string& fqdn, OutletCommand what);

    const PowerTimes& times() const { return times_; }
    /// I-15.
    std::vector<Violation> violations() const;

  private:
    void wait(PowerStrip& strip, int outlet, OutletCommand what, Duration delay);
    void act(PowerStrip& strip, int outlet, OutletCommand what);
    void set(PowerStrip& strip, int outlet, bool on);
    void cancel_pending(PowerStrip& strip, int outlet);

    FakesContext context_;
    PowerTimes times_;
    OutletMap map_;
    std::map<std::string, std::unique_ptr<PowerStrip>> strips_;
};

/// I-16 for one server.
std::vector<Violation> power_violations(const FakePower& power, const FakeServer& server);

}  // namespace csim
