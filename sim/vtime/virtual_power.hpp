// Power strips as the manager reaches them in virtual time: its own client speaks to the menu of the fake
// strip, byte by byte, with no socket in between.
#pragma once

#include "core/timeline.hpp"
#include "manager/power/power_driver.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace csim {

class World;

/// Strips have the addresses and ports that the world gave them. One conversation a strip at a time is the
/// manager's own rule.
class VirtualPower final : public PowerDriver {
  public:
    /// Both outlive this.
    VirtualPower(Timeline& timeline, World& world);
    ~VirtualPower() override;

    /// Errors: unreachable for an address where no strip is, for any agent but fence_apc, and after 30 s.
    void run(PowerCall call, Done done) override;
    /// Takes IPv4 addresses and `localhost`. Errors: bad_argument.
    Result<std::string> resolve(const std::string& name) override;
    /// The manager's process ended: nobody waits for answers any more.
    void abandon();

  private:
    class Talk;
    void finish(std::uint64_t number, Result<PowerAnswer> result);

    Timeline& timeline_;
    World& world_;
    std::map<std::uint64_t, std::shared_ptr<Talk>> talks_;
    std::uint64_t last_ = 0;
};

}  // namespace csim
