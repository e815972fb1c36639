// What the power strips of a simulated cluster say of their outlets: `pdu_list` and `cluster-power status`.
#pragma once

#include "fakes/fake_power.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace csim {

struct OutletStatus {
    int outlet = 0;
    bool on = false;
    std::string server;   ///< fqdn
    std::string pending;  ///< what it will be told by and by: on, off, reboot; or empty
};
BOOST_DESCRIBE_STRUCT(OutletStatus, (), (outlet, on, server, pending))

struct PowerStripStatus {
    std::string name;
    std::string address;
    std::int64_t port = 0;
    std::vector<OutletStatus> outlets;  ///< by number
};
BOOST_DESCRIBE_STRUCT(PowerStripStatus, (), (name, address, port, outlets))

/// By name of the strip.
std::vector<PowerStripStatus> power_status(const FakePower& power);
/// What the folder says, whether or not a simulator is serving it. Changes nothing. Throws Fatal.
std::vector<PowerStripStatus> read_power_status(const std::filesystem::path& folder);

}  // namespace csim
