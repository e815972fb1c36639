// What the `linux_network` device plugin reports: interfaces, and LNet with its NIDs.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace csim {

struct InterfaceReport {
    std::string mac_address;
    std::optional<std::string> inet4_address;
    std::optional<std::int64_t> inet4_prefix;
    std::optional<std::string> inet6_address;
    std::string type;      ///< tcp or o2ib
    std::string rx_bytes;  ///< decimal text
    std::string tx_bytes;
    bool up = true;
    bool slave = false;

    bool operator==(const InterfaceReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    InterfaceReport, (),
    (mac_address, inet4_address, inet4_prefix, inet6_address, type, rx_bytes, tx_bytes, up, slave)
)

struct NidReport {
    std::string nid_address;
    std::optional<std::string> type;  ///< of the hardware; real agents leave it out
    std::string lnd_type;
    std::int64_t lnd_network = 0;

    bool operator==(const NidReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(NidReport, (), (nid_address, type, lnd_type, lnd_network))

struct LnetReport {
    std::string state = "lnet_unloaded";    ///< lnet_unloaded, lnet_down or lnet_up
    std::map<std::string, NidReport> nids;  ///< by interface name

    bool operator==(const LnetReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(LnetReport, (), (state, nids))

struct LinuxNetworkReport {
    std::map<std::string, InterfaceReport> interfaces;
    LnetReport lnet;

    bool operator==(const LinuxNetworkReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(LinuxNetworkReport, (), (interfaces, lnet))

}  // namespace csim
