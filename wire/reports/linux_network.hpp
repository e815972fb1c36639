// What the `linux_network` device plugin reports: interfaces with their byte counters, and LNet with its
// NIDs. What rarely changes is shared between reports, so that equal pointers mean "nothing changed".
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace csim {

enum class Strictness;

struct InterfaceFacts {
    std::string mac_address;
    std::optional<std::string> inet4_address;
    std::optional<std::int64_t> inet4_prefix;
    std::optional<std::string> inet6_address;
    std::string type;  ///< tcp or o2ib
    bool up = true;
    bool slave = false;

    bool operator==(const InterfaceFacts&) const = default;
};
BOOST_DESCRIBE_STRUCT(
    InterfaceFacts, (), (mac_address, inet4_address, inet4_prefix, inet6_address, type, up, slave)
)

/// One flat object on the wire; the counters are decimal text there.
struct InterfaceReport {
    std::shared_ptr<const InterfaceFacts> facts;  ///< never null
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_bytes = 0;

    Json to_json() const;
    static Result<InterfaceReport> from_json(const Json& json, Strictness strictness);
};

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

/// By interface name. Null `lnet` (a missing section) is a broken report.
struct LinuxNetworkReport {
    std::map<std::string, InterfaceReport> interfaces;
    std::shared_ptr<const LnetReport> lnet;
};
BOOST_DESCRIBE_STRUCT(LinuxNetworkReport, (), (interfaces, lnet))

}  // namespace csim
