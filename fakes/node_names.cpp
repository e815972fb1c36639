#include "fakes/node_names.hpp"

#include <cassert>
#include <cstdio>

namespace csim {
namespace {

template <class... Args>
std::string formatted(const char* format, Args... args) {
    char text[64];
    [[maybe_unused]] const int length = std::snprintf(text, sizeof text, format, args...);
    assert(length > 0 && length < static_cast<int>(sizeof text));
    return text;
}

}  // namespace

std::string node_name(std::int64_t id, bool worker) {
    return formatted(worker ? "worker%03lld" : "test%03lld", static_cast<long long>(id));
}

std::string node_fqdn(std::int64_t id, bool worker) {
    return node_name(id, worker) + ".localdomain";
}

std::string node_address(std::int64_t id, bool worker, std::int64_t interface_no) {
    assert(id >= 0 && id <= node_id_max && interface_no >= 0 && interface_no <= interface_no_max_with(id));
    const std::int64_t block = id / nodes_of_block;
    const auto within = static_cast<int>(id % nodes_of_block);
    const auto second =
        static_cast<int>(interface_no + block * (interface_no_max_of_many + 1)) + (worker ? 128 : 0);
    return formatted("10.%d.%d.%d", second, within / 254, within % 254 + 1);
}

std::string node_mac(std::int64_t id, bool worker, std::int64_t interface_no) {
    const auto n = static_cast<unsigned>(id);
    return formatted(
        "12:%02x:%02x:%02x:%02x:%02x", worker ? 0x35u : 0x34u, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff,
        static_cast<unsigned>(interface_no) & 0xff
    );
}

std::string link_local_address(const std::string& mac) {
    unsigned byte[6] = {};
    std::sscanf(mac.c_str(), "%x:%x:%x:%x:%x:%x", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5]);
    return formatted(
        "fe80::%x:%xff:fe%02x:%x", ((byte[0] ^ 2) << 8) | byte[1], byte[2], byte[3], (byte[4] << 8) | byte[5]
    );
}

std::string interface_name(const std::string& type, std::int64_t interface_no) {
    return (type == "o2ib" ? "ib" : "eth") + std::to_string(interface_no);
}

}  // namespace csim
