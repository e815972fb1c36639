#include "net/http_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace csim {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

unsigned answer_to(const error_code& ec) {
    if (ec == http::error::header_limit) return 431;
    if (ec == http::error::body_limit) return 413;
    if (ec == http::error::bad_version) return 505;
    if (ec == http::error::bad_transfer_encoding) return 501;
    return 400;
}

// What both directions of the parser do alike: fields and bodies go straight into the message.
template <bool is_request, class Message>
class Filling : public http::basic_parser<is_request> {
  public:
    Message message;

    void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
        message.headers.emplace_back(name, value);
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        // A claim of the peer reserves little; what really comes may grow.
        if (length)
            message.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 64u << 10)));
    }
    std::size_t on_body_impl(string_view bytes, error_code&) override {
        message.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
        message.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_finish_impl(error_code&) override {}

    ReadStep feed(std::string_view bytes) {
        ReadStep step;
        while (step.consumed < bytes.size() && !this->is_done()) {
            error_code ec;
            const auto rest = bytes.substr(step.consumed);
            const std::size_t used = this->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
            step.consumed += used;
            if (ec == http::error::need_more) break;
            if (ec) return {ReadStatus::bad, step.consumed, answer_to(ec), ec.message()};
            if (used == 0) break;
        }
        if (this->is_done()) step.status = ReadStatus::complete;
        return step;
    }
};

// `http://host/path` → `/path`
std::string origin_form(std::string target) {
    const auto scheme = target.find("://");
    if (scheme == std::string::npos || target.front() == '/') return target;
    const auto path = target.find('/', scheme + 3);
    return path == std::string::npos ? "/" : target.substr(path);
}

}  // namespace

struct RequestReader::Parser : Filling<true, HttpRequest> {
    explicit Parser(BodyLimit& limit) : limit(limit) {}

    void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&)
        override {
        http_1_0 = version < 11;
        message.method.assign(method.data(), method.size());
        message.target.assign(target.data(), target.size());
    }
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_header_impl(error_code& ec) override {
        message.target = origin_form(std::move(message.target));
        const std::size_t most = limit(message.target);
        body_limit(most);
        if (content_length() && *content_length() > most) ec = http::error::body_limit;
        const std::string* coding = find_field(message.headers, "Transfer-Encoding");
        if (coding != nullptr && !chunked()) ec = http::error::bad_transfer_encoding;
        const std::string* expect = find_field(message.headers, "Expect");
        expects_continue = expect != nullptr && equal_ignoring_case(*expect, "100-continue");
    }

    BodyLimit& limit;
    bool expects_continue = false;
    bool http_1_0 = false;
};

RequestReader::RequestReader(std::size_t header_bytes_max, BodyLimit& limit)
    : parser_(std::make_unique<Parser>(limit)) {
    parser_->eager(true);
    parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max));
    parser_->body_limit(boost::none);
}

RequestReader::~RequestReader() = default;

ReadStep RequestReader::feed(std::string_view bytes) {
    return parser_->feed(bytes);
}

bool RequestReader::wants_continue() {
    return parser_->is_header_done() && !parser_->is_done() &&
           std::exchange(parser_->expects_continue, false);
}

bool RequestReader::keep_alive() const {
    return parser_->keep_alive();
}

bool RequestReader::http_1_0() const {
    return parser_->http_1_0;
}

HttpRequest RequestReader::take() {
    return std::move(parser_->message);
}

struct ReplyReader::Parser : Filling<false, HttpReply> {
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override {
        message.status = static_cast<unsigned>(code);
    }
    void on_header_impl(error_code&) override {}
};

ReplyReader::ReplyReader(std::size_t body_bytes_max, bool to_head)
    : body_bytes_max_(body_bytes_max), to_head_(to_head) {
    restart();
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::restart() {
    parser_ = std::make_unique<Parser>();
    parser_->eager(true);
    parser_->header_limit(64u << 10);
    parser_->body_limit(body_bytes_max_);
    if (to_head_) parser_->skip(true);
}

ReadStep ReplyReader::feed(std::string_view bytes) {
    ReadStep step;
    for (;;) {
        ReadStep part = parser_->feed(bytes.substr(step.consumed));
        part.consumed += step.consumed;
        if (part.status != ReadStatus::complete || parser_->message.status >= 200) return part;
        step = part;
        restart();
    }
}

bool ReplyReader::feed_end() {
    boost::beast::error_code ec;
    if (!parser_->got_some() || !parser_->is_header_done()) return false;
    parser_->put_eof(ec);
    return !ec && parser_->is_done();
}

bool ReplyReader::keep_alive() const {
    return parser_->keep_alive();
}

HttpReply ReplyReader::take() {
    return std::move(parser_->message);
}

}  // namespace csim
