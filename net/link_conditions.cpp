#include "net/link_conditions.hpp"

namespace csim {

bool same(const LinkConditions& a, const LinkConditions& b) {
    return a.latency == b.latency && a.jitter == b.jitter &&
           a.loss.numerator * b.loss.denominator == b.loss.numerator * a.loss.denominator &&
           a.bytes_per_second == b.bytes_per_second && a.to_manager_cut == b.to_manager_cut &&
           a.from_manager_cut == b.from_manager_cut && a.frozen == b.frozen;
}

Duration travel_time(const LinkConditions& link, Rng& chance, std::size_t bytes) {
    Duration takes = link.latency + chance.between(Duration(0), link.jitter);
    if (link.bytes_per_second > 0) {
        takes +=
            Duration(static_cast<std::int64_t>(static_cast<double>(bytes) / link.bytes_per_second * 1e9));
    }
    return takes;
}

bool is_lost(const LinkConditions& link, Rng& chance, bool to_manager) {
    if (to_manager ? link.to_manager_cut : link.from_manager_cut) return true;
    return link.loss.numerator > 0 && chance.chance(link.loss);
}

}  // namespace csim
