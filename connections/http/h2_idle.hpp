// What is kept of an HTTP/2 connection while nothing is open on it: the library's session costs 25 kB, this
// 16 B.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace csim::connections {

/// Settings in the order in which a peer told them last.
using H2Settings = std::vector<std::pair<std::int32_t, std::uint32_t>>;

/// The distinct settings of the peers of one thread; usually there is one.
class H2Profiles {
  public:
    static constexpr std::uint16_t none = 0xffff;
    static constexpr std::size_t count_max = 256;

    /// The number of these settings, or none if there are too many kinds already.
    std::uint16_t number_of(const H2Settings& settings) {
        for (std::size_t i = 0; i < known_.size(); ++i)
            if (known_[i] == settings) return static_cast<std::uint16_t>(i);
        if (known_.size() == count_max) return none;
        known_.push_back(settings);
        return static_cast<std::uint16_t>(known_.size() - 1);
    }
    const H2Settings& operator[](std::uint16_t number) const { return known_[number]; }

  private:
    std::vector<H2Settings> known_;
};

struct H2Idle {
    std::uint32_t next_stream = 1;
    std::int32_t send_window = 65'535;
    std::uint32_t unreturned = 0;  ///< received on the connection's window and not given back yet
    std::uint16_t profile = H2Profiles::none;
};

}  // namespace csim::connections
