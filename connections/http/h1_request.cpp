#include "connections/http/h1_request.hpp"

#include "connections/http/h1_reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace csim::connections {

bool H1Request::fail(int status) {
    state_ = State::bad;
    refusal_ = status;
    return false;
}

std::size_t H1Request::feed(std::string_view bytes) {
    std::size_t used = 0;
    if (state_ != State::need_more) return used;
    if (!in_body_) {
        const std::size_t before = head_.size();
        head_.append(bytes.substr(0, head_bytes_max + 4 - std::min(before, head_bytes_max)));
        const std::size_t from = before < 3 ? 0 : before - 3;
        const std::size_t end = head_.find("\r\n\r\n", from);
        if (end == std::string::npos) {
            if (head_.size() > head_bytes_max) fail(431);
            return bytes.size();
        }
        used = end + 4 - before;
        head_.resize(end + 2);
        if (!parse_head()) return used;
        in_body_ = true;
    }
    const std::size_t piece = std::min<std::uint64_t>(bytes.size() - used, left_);
    request_.body.append(bytes.substr(used, piece));
    left_ -= piece;
    if (left_ == 0) state_ = State::complete;
    return used + piece;
}

bool H1Request::parse_head() {
    std::string_view rest = head_;
    const std::string_view first = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(first.size() + 2);
    const std::size_t space = first.find(' ');
    const std::size_t last = first.rfind(' ');
    if (space == std::string_view::npos || space == 0 || last <= space + 1) return fail(400);
    const std::string_view version = first.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505);
    request_.keep_open = version == "HTTP/1.1";
    request_.method = first.substr(0, space);
    request_.path = first.substr(space + 1, last - space - 1);
    if (request_.path.front() != '/') return fail(400);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        if (!take_field(line)) return false;
    }
    return true;
}

bool H1Request::take_field(std::string_view line) {
    const H1Field field = split_field(line);
    if (field.name.empty()) return fail(400);
    if (same_word(field.name, "transfer-encoding")) return fail(501);
    if (same_word(field.name, "connection")) {
        if (list_holds(field.value, "close")) request_.keep_open = false;
        if (list_holds(field.value, "keep-alive")) request_.keep_open = true;
    }
    if (!same_word(field.name, "content-length")) return true;
    const char* end = field.value.data() + field.value.size();
    std::uint64_t length = 0;
    const auto parsed = std::from_chars(field.value.data(), end, length);
    if (parsed.ec != std::errc() || parsed.ptr != end || have_length_) return fail(400);
    if (length > request_body_bytes_max) return fail(413);
    have_length_ = true;
    left_ = length;
    return true;
}

Request H1Request::take() {
    Request taken = std::move(request_);
    *this = H1Request();
    return taken;
}

}  // namespace csim::connections
