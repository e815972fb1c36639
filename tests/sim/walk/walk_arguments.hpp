// Arguments that an operation or action may well be given in this world: mostly sensible, sometimes not.
#pragma once

#include "core/json.hpp"
#include "core/rng.hpp"
#include "sim/world.hpp"

#include <string>
#include <vector>

namespace csim {

class WalkArguments {
  public:
    WalkArguments(World& world, Rng& chance) : world_(world), chance_(chance) {}

    /// A value for an argument of this name and type, in the words of either table.
    Json of(const std::string& name, const std::string& type);

    std::string node();
    std::string server();
    std::string worker();
    std::string ha_label();
    std::string device_path();
    std::string mgs_key();
    Json mgs_groups();
    std::string fsname();
    Json lnet_configuration(const FakeServer& node);
    Json copytool_settings();
    bool one_in(std::uint64_t n) { return chance_.chance({1, n}); }
    std::int64_t between(std::int64_t low, std::int64_t high) { return chance_.between(low, high); }

    template <class List>
    auto& any(List& list) {
        return list[static_cast<std::size_t>(
            chance_.between(0, static_cast<std::int64_t>(std::size(list)) - 1)
        )];
    }

  private:
    std::string node_of_kind(bool worker);
    std::string conf_param_key();
    std::string proc_path();
    Json by_type(const std::string& type);
    Json groups();

    World& world_;
    Rng& chance_;
};

}  // namespace csim
