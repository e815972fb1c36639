// One short HTTP exchange per question.
#include "manager/storage/control_port_source.hpp"

#include "net/http.hpp"

#include <charconv>

namespace csim {

namespace {

constexpr std::size_t reply_bytes_max = 17u << 20;

std::string request_text(const ControlPort& at, const std::string& body) {
    std::string text =
        "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\n";
    if (!at.token.empty()) text += "Authorization: Bearer " + at.token + "\r\n";
    return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size();
}

class Question final : public Conversation {
  public:
    explicit Question(std::string request) : request_(std::move(request)) {}
    std::string opening() override { return std::move(request_); }
    std::string received(std::string_view bytes) override {
        answer.take(bytes);
        return {};
    }
    bool over() const override { return answer.over(); }
    HttpAnswer answer;

  private:
    std::string request_;
};

}  // namespace

void HttpAnswer::read_head() {
    const auto end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string_view head = std::string_view(text_).substr(0, end);
    body_begin_ = end + 4;
    bool measured = false;
    broken_ = head.size() < 12 || !head.starts_with("HTTP/1.") || !read_number(head.substr(9, 3), status_);
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
        const auto next = head.find("\r\n", at + 2);
        std::string_view line = head.substr(at + 2, next == head.npos ? head.npos : next - at - 2);
        const auto colon = line.find(':');
        if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), "Content-Length")) {
            line.remove_prefix(colon + 1);
            while (line.starts_with(' ')) line.remove_prefix(1);
            measured = read_number(line, length_) && length_ <= reply_bytes_max;
        }
        at = next;
    }
    broken_ = broken_ || !measured;
}

void HttpAnswer::take(std::string_view bytes) {
    if (over_) return;
    text_.append(bytes);
    if (body_begin_ == 0) read_head();
    broken_ = broken_ || text_.size() > reply_bytes_max;
    const bool complete = body_begin_ != 0 && text_.size() - body_begin_ >= length_;
    over_ = broken_ || complete;
}

Result<std::string> HttpAnswer::body() const {
    if (!over_) return Error{Errc::corrupt, "the answer broke off"};
    if (broken_) return Error{Errc::corrupt, "the answer is not HTTP with a length"};
    if (status_ != 200) return Error{Errc::refused, "the simulator answered HTTP " + std::to_string(status_)};
    return text_.substr(body_begin_, length_);
}

void ControlPortSource::poll(std::int64_t controller, Done done) {
    auto ended = [done =
                      std::move(done)](std::unique_ptr<Conversation> talk, Result<Nothing> result) mutable {
        const HttpAnswer& answer = static_cast<Question&>(*talk).answer;
        if (!result && !answer.over()) return done(result.error());
        auto body = answer.body();
        if (!body) return done(body.error());
        done(parse_controller_answer(*body));
    };
    talks_.converse(
        at_.address, at_.port, at_.limit,
        std::make_unique<Question>(request_text(at_, controller_request(controller))), std::move(ended)
    );
}

}  // namespace csim
