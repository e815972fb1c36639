// xoshiro256** seeded by splitmix64: both are in the public domain and specified to the bit.
#include "core/rng.hpp"

#include <cassert>
#include <cmath>

namespace csim {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t splitmix(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

std::uint64_t rotate(std::uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
}

/// Uniform in [0, count), unbiased. Requires count > 0.
std::uint64_t below(Rng& rng, std::uint64_t count) {
    Wide product = Wide(rng.next()) * count;
    if (std::uint64_t(product) < count) {
        const std::uint64_t unfair = (0 - count) % count;
        while (std::uint64_t(product) < unfair) product = Wide(rng.next()) * count;
    }
    return std::uint64_t(product >> 64);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed) {
    for (std::uint64_t& word : state_) word = splitmix(seed);
}

Rng Rng::stream(std::string_view name) const {
    std::uint64_t mixed = seed_;
    std::uint64_t derived = splitmix(mixed);
    for (const char c : name) {
        mixed ^= static_cast<unsigned char>(c);
        derived = splitmix(mixed) ^ rotate(derived, 23);
    }
    mixed = derived ^ name.size();
    return Rng(splitmix(mixed));
}

std::uint64_t Rng::next() {
    const std::uint64_t drawn = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return drawn;
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
    assert(low <= high);
    const std::uint64_t count = std::uint64_t(high) - std::uint64_t(low) + 1;
    const std::uint64_t offset = count == 0 ? next() : below(*this, count);
    return std::int64_t(std::uint64_t(low) + offset);
}

Duration Rng::between(Duration low, Duration high) {
    return Duration(between(low.count(), high.count()));
}

bool Rng::chance(Ratio probability) {
    assert(probability.denominator > 0);
    return below(*this, probability.denominator) < probability.numerator;
}

double Rng::unit() {
    return double(next() >> 11) * 0x1.0p-53;
}

double Rng::triangular(double low, double mode, double high) {
    assert(low <= mode && mode <= high);
    const double drawn = unit();
    if (low == high) return low;
    const double turn = (mode - low) / (high - low);
    if (drawn < turn) return low + std::sqrt(drawn * (high - low) * (mode - low));
    return high - std::sqrt((1.0 - drawn) * (high - low) * (high - mode));
}

std::string Rng::uuid() {
    static constexpr char digits[] = "0123456789abcdef";
    const std::uint64_t high = (next() & ~std::uint64_t(0xf000)) | 0x4000;
    const std::uint64_t low = (next() & ~(std::uint64_t(3) << 62)) | (std::uint64_t(1) << 63);
    std::string text;
    text.reserve(36);
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text += '-';
        const std::uint64_t word = nibble < 16 ? high : low;
        text += digits[(word >> (60 - 4 * (nibble % 16))) & 15];
    }
    return text;
}

}  // namespace csim
