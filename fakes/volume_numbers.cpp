#include "fakes/volume_numbers.hpp"

#include <charconv>

namespace csim {

namespace {

constexpr std::string_view serial_prefix = "FAKEDEVICE";
constexpr std::int64_t first_major = 8;
constexpr std::int64_t minors_per_major = 256;

}  // namespace

std::string volume_serial(std::int64_t number) {
    std::string digits = std::to_string(number);
    if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
    return std::string(serial_prefix) + digits;
}

std::optional<std::int64_t> volume_number(std::string_view serial) {
    if (!serial.starts_with(serial_prefix)) return std::nullopt;
    const auto digits = serial.substr(serial_prefix.size());
    if (digits.size() < 3 || digits.size() > 12 || (digits.size() > 3 && digits.front() == '0'))
        return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number < 0) return std::nullopt;
    return number;
}

std::string volume_major_minor(std::int64_t number) {
    return std::to_string(first_major + number / minors_per_major) + ":" +
           std::to_string(number % minors_per_major);
}

}  // namespace csim
