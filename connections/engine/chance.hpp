// Chance for one connection among many, without any state: the same numbers for the same seed, whatever
// process holds the connection. Not for secrets.
#pragma once

#include <cstdint>

namespace csim::connections {

/// Splitmix64's finaliser over all three.
inline std::uint64_t mixed(std::uint64_t seed, std::uint64_t index, std::uint64_t step) {
    std::uint64_t x = seed ^ (index + 1) * 0x9e3779b97f4a7c15 ^ (step + 1) * 0xd1b54a32d192ed03;
    for (int round = 0; round < 2; ++round) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        x ^= x >> 31;
    }
    return x;
}

/// In [0, 1).
inline double unit(std::uint64_t seed, std::uint64_t index, std::uint64_t step) {
    return static_cast<double>(mixed(seed, index, step) >> 11) * 0x1p-53;
}

}  // namespace csim::connections
