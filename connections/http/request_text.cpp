#include "connections/http/request_text.hpp"

#include "connections/engine/chance.hpp"

#include <charconv>

namespace csim::connections {
namespace {

constexpr unsigned digits_max = 65'536;

void append_hex(std::string& to, std::uint64_t seed, const RequestValues& at, unsigned digits) {
    static constexpr char hex[] = "0123456789abcdef";
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < digits; ++i) {
        if (i % 16 == 0) bits = mixed(seed + i, at.index, at.request);
        to += hex[bits >> (i % 16 * 4) & 15];
    }
}

void append_uuid(std::string& to, std::uint64_t seed, const RequestValues& at) {
    std::string digits;
    append_hex(digits, seed, at, 32);
    digits[12] = '4';                     // version: random
    digits[16] = "89ab"[digits[16] & 3];  // variant
    for (const std::size_t dash : {8, 13, 18, 23}) digits.insert(dash, 1, '-');
    to += digits;
}

bool looks_like_a_place(std::string_view inside) {
    return !inside.empty() &&
           inside.find_first_not_of("abcdefghijklmnopqrstuvwxyz_:0123456789") == inside.npos;
}

Error bad_line(std::size_t line, const std::string& what) {
    return {Errc::bad_argument, "line " + std::to_string(line) + " " + what};
}

}  // namespace

bool FilledText::parse_place(std::string_view inside, Piece& into) {
    static constexpr std::string_view random = "random:";
    if (inside == "index") into.place = Place::index;
    if (inside == "request") into.place = Place::request;
    if (inside == "uuid") into.place = Place::uuid;
    if (!inside.starts_with(random)) return into.place != Place::text;
    inside.remove_prefix(random.size());
    const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), into.digits);
    into.place = Place::random;
    return error == std::errc() && end == inside.data() + inside.size() && into.digits >= 1 &&
           into.digits <= digits_max;
}

Result<FilledText> FilledText::parse(std::string_view text, bool strict) {
    FilledText made;
    std::string plain;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        plain += text.substr(0, open);
        if (open == text.npos) break;
        text.remove_prefix(open);
        const std::size_t close = text.find('}');
        const std::string_view inside = close == text.npos ? std::string_view() : text.substr(1, close - 1);
        Piece piece;
        if (looks_like_a_place(inside) && parse_place(inside, piece)) {
            if (!plain.empty()) made.pieces_.push_back({Place::text, 0, std::move(plain)});
            plain.clear();
            made.pieces_.push_back(std::move(piece));
            text.remove_prefix(close + 1);
            continue;
        }
        if (strict)
            return Error{
                Errc::bad_argument,
                "'" + std::string(text.substr(0, close == text.npos ? close : close + 1)) +
                    "' is none of {index}, {request}, {random:N} with up to 65536 digits, {uuid}"};
        plain += '{';
        text.remove_prefix(1);
    }
    if (!plain.empty()) made.pieces_.push_back({Place::text, 0, std::move(plain)});
    return made;
}

FilledText::FilledText(std::string_view text) {
    if (auto parsed = parse(text, false)) *this = std::move(*parsed);
}

void FilledText::append(const RequestValues& values, std::string& to) const {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const Piece& piece = pieces_[i];
        const std::uint64_t seed = values.seed + i * 0x10000;
        switch (piece.place) {
            case Place::text:
                to += piece.text;
                break;
            case Place::index:
                to += std::to_string(values.index);
                break;
            case Place::request:
                to += std::to_string(values.request);
                break;
            case Place::random:
                append_hex(to, seed, values, piece.digits);
                break;
            case Place::uuid:
                append_uuid(to, seed, values);
                break;
        }
    }
}

Result<RequestParts> parse_request_file(std::string_view text) {
    RequestParts made;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (number == 1) {
            const std::size_t space = line.find(' ');
            if (space == 0 || space == line.npos || space + 1 == line.size())
                return bad_line(1, "is not 'METHOD PATH', such as 'POST /orders/{index}'");
            made.method = line.substr(0, space);
            made.path = line.substr(space + 1);
        } else if (line.empty()) {
            made.body = text;
            return made;
        } else if (line.find(':') == line.npos || line.find(':') == 0) {
            return bad_line(number, "is not 'Name: value'; an empty line comes before the body");
        } else {
            made.fields.emplace_back(line);
        }
    }
    if (made.method.empty())
        return Error{Errc::bad_argument, "the file is empty; it begins with 'METHOD PATH'"};
    return made;
}

}  // namespace csim::connections
