// Names and numbers of simulated nodes: everything that follows from a node's kind and integer id.
// Source: the behaviour specification, §2.3. Differs: host bytes are 1…254, workers have addresses of their
// own, MAC addresses are well formed and unique.
#pragma once

#include <cstdint>
#include <string>

namespace csim {

/// Ids and interface numbers beyond these would share addresses.
inline constexpr std::int64_t nodes_of_block = 254 * 256;
inline constexpr std::int64_t interface_no_max = 127;
/// A cluster with ids beyond the first block has interfaces up to this number only.
inline constexpr std::int64_t interface_no_max_of_many = 15;
inline constexpr std::int64_t node_id_max =
    nodes_of_block * ((interface_no_max + 1) / (interface_no_max_of_many + 1)) - 1;
/// The highest number that an interface may have among nodes with ids up to this.
constexpr std::int64_t interface_no_max_with(std::int64_t highest_id) {
    return highest_id < nodes_of_block ? interface_no_max : interface_no_max_of_many;
}

/// `test003`, `worker000`.
std::string node_name(std::int64_t id, bool worker);
/// `test003.localdomain`.
std::string node_fqdn(std::int64_t id, bool worker);
/// `10.<k>.<id/254>.<id%254+1>`; workers count k from 128. Each further block of 65,024 ids counts k from 16
/// higher, which the specification leaves open.
std::string node_address(std::int64_t id, bool worker, std::int64_t interface_no);
/// Locally administered, unicast.
std::string node_mac(std::int64_t id, bool worker, std::int64_t interface_no);
/// `fe80::…`, made from the MAC address.
std::string link_local_address(const std::string& mac);
/// `eth0` for tcp, `ib1` for o2ib.
std::string interface_name(const std::string& type, std::int64_t interface_no);

}  // namespace csim
