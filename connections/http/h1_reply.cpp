#include "connections/http/h1_reply.hpp"

#include <algorithm>
#include <charconv>

namespace csim::connections {
namespace {

constexpr std::uint64_t body_bytes_max = std::uint64_t(1) << 50;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               others.find(c) != std::string_view::npos;
    });
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower(x) == lower(y);
    });
}

bool list_holds(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (same_word(trimmed(list.substr(0, comma)), word)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
    return false;
}

H1Field split_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return {};
    return {line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

void H1Reply::reset(bool to_head) {
    std::string line = std::move(line_);
    line.clear();
    *this = H1Reply();
    line_ = std::move(line);
    to_head_ = to_head;
}

bool H1Reply::fail(const char* problem) {
    state_ = State::bad;
    problem_ = problem;
    return false;
}

std::size_t H1Reply::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (state_ == State::need_more && used < bytes.size()) {
        started_ = true;
        const std::string_view rest = bytes.substr(used);
        if (part_ == Part::body || part_ == Part::chunk || part_ == Part::until_end) {
            used += take_body(rest);
            continue;
        }
        const std::size_t end = rest.find('\n');
        const std::size_t piece = end == std::string_view::npos ? rest.size() : end + 1;
        used += piece;
        head_bytes_ += piece;
        if (head_bytes_ > head_bytes_max) return fail("the head is longer than 64 KiB"), used;
        if (end == std::string_view::npos) {
            line_.append(rest);
            break;
        }
        std::string_view line = rest.substr(0, end);
        if (!line_.empty()) line = line_.append(line);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        take_line(line);
        line_.clear();
    }
    return used;
}

bool H1Reply::feed_end() {
    if (state_ == State::need_more && part_ == Part::until_end) state_ = State::complete;
    return state_ == State::complete;
}

bool H1Reply::take_line(std::string_view line) {
    if (line.find('\0') != std::string_view::npos) return fail("there is a zero byte in the head");
    switch (part_) {
        case Part::status_line:
            return take_status_line(line);
        case Part::fields:
            return line.empty() ? end_of_head() : take_field(line);
        case Part::chunk_size:
            return take_chunk_size(line);
        case Part::chunk_end:
            part_ = Part::chunk_size;
            return line.empty() || fail("a chunk is longer than it said");
        default:
            if (line.empty()) state_ = State::complete;
            return line.empty() || !split_field(line).name.empty() || fail("a trailer is not a field");
    }
}

bool H1Reply::take_status_line(std::string_view line) {
    const bool old = line.starts_with("HTTP/1.0 ");
    if (!old && !line.starts_with("HTTP/1.1 ")) return fail("the answer is not HTTP/1.1");
    const std::string_view digits = line.substr(9, 3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status_);
    const bool three = error == std::errc() && end == digits.data() + 3 && digits.size() == 3;
    if (!three || status_ < 100 || status_ > 999 || (line.size() > 12 && line[12] != ' '))
        return fail("the status is not a number of three digits");
    keep_open_ = !old;
    part_ = Part::fields;
    return true;
}

bool H1Reply::take_field(std::string_view line) {
    const H1Field field = split_field(line);
    if (field.name.empty()) return fail("a line of the head is not a field");
    if (same_word(field.name, "content-length")) return take_length(field.value);
    if (same_word(field.name, "connection")) return take_connection(field.value);
    if (!same_word(field.name, "transfer-encoding")) return true;
    if (!same_word(field.value, "chunked")) return fail("the transfer encoding is not chunked");
    chunked_ = true;
    return true;
}

bool H1Reply::take_connection(std::string_view value) {
    if (list_holds(value, "close")) keep_open_ = false;
    if (list_holds(value, "keep-alive")) keep_open_ = true;
    return true;
}

bool H1Reply::take_length(std::string_view value) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || end != value.data() + value.size() || length > body_bytes_max)
        return fail("Content-Length is not a length");
    if (have_length_ && length != left_) return fail("there are two Content-Lengths");
    have_length_ = true;
    left_ = length;
    return true;
}

bool H1Reply::end_of_head() {
    if (status_ < 200) {
        if (status_ == 101) return fail("the peer switched protocols without being asked");
        reset(to_head_);
        started_ = true;
        return true;
    }
    if (chunked_ && have_length_) return fail("there are a Content-Length and a Transfer-Encoding");
    const bool none = to_head_ || status_ == 204 || status_ == 304 || (have_length_ && left_ == 0);
    until_end_ = !none && !chunked_ && !have_length_;
    if (none) state_ = State::complete;
    part_ = chunked_ ? Part::chunk_size : until_end_ ? Part::until_end : Part::body;
    return true;
}

bool H1Reply::take_chunk_size(std::string_view line) {
    const std::string_view digits = trimmed(line.substr(0, line.find(';')));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error != std::errc() || end != digits.data() + digits.size() || left_ > body_bytes_max)
        return fail("the size of a chunk is not a number");
    part_ = left_ == 0 ? Part::trailers : Part::chunk;
    head_bytes_ = 0;
    return true;
}

std::size_t H1Reply::take_body(std::string_view bytes) {
    const std::size_t piece =
        part_ == Part::until_end ? bytes.size() : std::min<std::uint64_t>(bytes.size(), left_);
    body_bytes_ += piece;
    if (part_ == Part::until_end) return piece;
    left_ -= piece;
    if (left_ > 0) return piece;
    if (part_ == Part::body) state_ = State::complete;
    if (part_ == Part::chunk) part_ = Part::chunk_end;
    return piece;
}

}  // namespace csim::connections
