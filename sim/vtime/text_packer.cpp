// A packed text is a sequence of steps: the length of a literal, the literal, the length of a copy and where
// in the base it begins. Numbers are written seven bits at a time.
#include "sim/vtime/text_packer.hpp"

#include <cstring>
#include <utility>

namespace csim {
namespace {

constexpr std::size_t window = 8;  ///< shorter agreements are not worth a step
constexpr unsigned table_bits = 12;

std::size_t hash_of(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, window);
    return static_cast<std::size_t>((word * 0x9e3779b97f4a7c15ULL) >> (64 - table_bits));
}

void put_number(std::string& out, std::size_t value) {
    for (; value >= 128; value >>= 7) out.push_back(static_cast<char>(0x80 | (value & 0x7f)));
    out.push_back(static_cast<char>(value));
}

std::size_t take_number(std::string_view& in) {
    std::size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if (byte < 128) return value;
    }
}

}  // namespace

TextPacker::TextPacker(std::string base) : base_(std::move(base)), places_(std::size_t(1) << table_bits) {
    for (std::size_t at = 0; at + window <= base_.size(); ++at) {
        std::uint32_t& place = places_[hash_of(base_.data() + at)];
        if (place == 0) place = static_cast<std::uint32_t>(at + 1);
    }
}

std::size_t TextPacker::match(std::string_view text, std::size_t from, std::size_t& at) const {
    if (from + window > text.size()) return 0;
    const std::uint32_t place = places_[hash_of(text.data() + from)];
    if (place == 0) return 0;
    at = place - 1;
    std::size_t length = 0;
    while (from + length < text.size() && at + length < base_.size() &&
           text[from + length] == base_[at + length])
        ++length;
    return length < window ? 0 : length;
}

std::string TextPacker::pack(std::string_view text) const {
    std::string packed;
    std::size_t literal = 0;
    const auto put_step = [&](std::size_t to, std::size_t length, std::size_t at) {
        put_number(packed, to - literal);
        packed.append(text.substr(literal, to - literal));
        put_number(packed, length);
        put_number(packed, at);
        literal = to + length;
    };
    for (std::size_t from = 0; from < text.size();) {
        std::size_t at = 0;
        const std::size_t length = match(text, from, at);
        if (length > 0) put_step(from, length, at);
        from += length > 0 ? length : 1;
    }
    if (literal < text.size()) put_step(text.size(), 0, 0);
    return {packed.begin(), packed.end()};
}

std::string TextPacker::unpack(std::string_view packed) const {
    std::string text;
    while (!packed.empty()) {
        const std::size_t literal = take_number(packed);
        text.append(packed.substr(0, literal));
        packed.remove_prefix(literal);
        const std::size_t length = take_number(packed);
        text.append(base_, take_number(packed), length);
    }
    return text;
}

}  // namespace csim
