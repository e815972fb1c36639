// One power strip (PDU): its outlets, their states, and what is still to happen to them.
#pragma once

#include "core/time.hpp"
#include "core/timeline.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

enum class OutletCommand { on, off, reboot };
BOOST_DESCRIBE_ENUM(OutletCommand, on, off, reboot)

/// State: `pdu_sim_<name>.json`, an entry an outlet, so that switching one costs the same on a strip of any
/// size.
class PowerStrip {
  public:
    /// A new one, without outlets.
    PowerStrip(Documents& documents, std::string name, std::string address, std::int64_t port);
    struct Loaded {};
    /// One that was saved. Throws Fatal when it cannot be read.
    PowerStrip(Loaded, Documents& documents, std::string name);
    ~PowerStrip();

    const std::string& name() const { return name_; }
    const std::string& address() const { return **address_; }
    std::int64_t port() const { return **port_; }
    void set_address(const std::string& address, std::int64_t port);

    void add(int outlet);  ///< on
    void remove(int outlet);
    bool has(int outlet) const { return outlets_.contains(outlet); }
    /// False for outlets that are not there.
    bool on(int outlet) const;
    void set(int outlet, bool on);
    /// Ascending.
    std::vector<int> outlets() const;

    /// What is to happen to the outlet later; saved, but for the timer.
    void expect(int outlet, OutletCommand what, EventId timer);
    void forget_pending(int outlet);
    /// Of what is expected, if anything is.
    EventId timer(int outlet) const;
    std::vector<std::pair<int, OutletCommand>> pending() const;

  private:
    struct Outlet {
        bool on = true;
        std::optional<OutletCommand> pending;
        EventId timer;
    };
    EntryName entry(std::string path) const;
    EntryName outlet_entry(int outlet) const;
    EntryName pending_entry(int outlet) const;

    Documents& documents_;
    std::string name_;
    std::unique_ptr<Document<std::string>> klass_;
    std::unique_ptr<Document<std::string>> saved_name_;
    std::unique_ptr<Document<std::string>> address_;
    std::unique_ptr<Document<std::int64_t>> port_;
    std::map<int, Outlet> outlets_;
};

/// Names of saved power strips, ascending.
std::vector<std::string> saved_power_strips(const StateStore& store);

}  // namespace csim
