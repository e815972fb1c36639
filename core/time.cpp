#include "core/time.hpp"

#include <stdexcept>

namespace csim {

SimTime operator+(SimTime at, Duration span) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(at.ns_, span.count(), &sum))
        throw std::overflow_error("time beyond its range");
    return SimTime(sum);
}

SimTime operator-(SimTime at, Duration span) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(at.ns_, span.count(), &difference))
        throw std::overflow_error("time beyond its range");
    return SimTime(difference);
}

Duration operator-(SimTime later, SimTime earlier) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(later.ns_, earlier.ns_, &difference))
        throw std::overflow_error("span beyond its range");
    return Duration(difference);
}

}  // namespace csim
