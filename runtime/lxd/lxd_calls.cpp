#include "runtime/lxd/lxd_calls.hpp"

#include "core/hex.hpp"

#include <nlohmann/json.hpp>

#include <cctype>

namespace csim {
namespace {

constexpr int wait_seconds = 30;

HttpsClientOptions client_options(const LxdOptions& options) {
    HttpsClientOptions made;
    made.host = options.socket.empty() ? options.host : options.socket;
    made.port = options.port;
    made.tls = options.socket.empty();
    made.ca_file = options.server_certificate;
    made.reply_bytes_max = 1u << 30;
    return made;
}

}  // namespace

std::string url_encoded(const std::string& text) {
    std::string encoded;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
            c == '/') {
            encoded += c;
        } else {
            encoded += "%" + hex_text(std::string_view(&c, 1));
        }
    }
    return encoded;
}

Json LxdAnswer::json() const {
    Json parsed = Json::parse(body, nullptr, false);
    return parsed.is_discarded() ? Json() : parsed;
}

Json LxdAnswer::metadata() const {
    const Json whole = json();
    return whole.is_object() && whole.contains("metadata") ? whole["metadata"] : Json();
}

std::string LxdAnswer::error() const {
    const Json whole = json();
    if (whole.is_object() && whole.contains("error") && whole["error"].is_string()) return whole["error"];
    return "the daemon answered " + std::to_string(status);
}

LxdCalls::LxdCalls(Inbox& inbox, const LxdOptions& options) : options_(options) {
    if (!options_.client_key_pem.empty()) {
        const auto identity = parse_identity(options_.client_key_pem, options_.client_certificate_pem);
        if (!identity) throw Fatal("cannot use the client's certificate: " + identity.error().detail);
        identity_ = *identity;
    }
    client_ = std::make_unique<HttpsClient>(inbox, client_options(options_));
}

LxdCalls::~LxdCalls() = default;

LxdCalls::Chain LxdCalls::open(std::function<void(Chain)> begin) {
    const Chain chain = ++last_;
    chains_[chain] = 0;
    line_.emplace_back(chain, std::move(begin));
    next();
    return chain;
}

void LxdCalls::next() {
    while (!line_.empty() && (!free_.empty() || lanes_ < options_.connections_max)) {
        auto [chain, begin] = std::move(line_.front());
        line_.pop_front();
        const auto waiting = chains_.find(chain);
        if (waiting == chains_.end()) continue;
        if (free_.empty()) {
            free_.push_back(client_->open_lane(identity_));
            ++lanes_;
        }
        waiting->second = free_.back();
        free_.pop_back();
        begin(chain);
    }
}

void LxdCalls::close(Chain chain) {
    const auto found = chains_.find(chain);
    if (found == chains_.end()) return;
    const LaneId lane = found->second;
    chains_.erase(found);
    // Whoever is cut off in the middle leaves a connection on which an answer may still come.
    if (talking_.erase(chain) > 0) client_->abandon(lane);
    if (lane != 0) free_.push_back(lane);
    next();
}

void LxdCalls::ask(Chain chain, HttpRequest request, Then then) {
    const auto found = chains_.find(chain);
    if (found == chains_.end()) return;
    talking_.insert(chain);
    const bool waits = request.target.find("/wait") != std::string::npos;
    const Duration limit = options_.patience + (waits ? wait_seconds * Duration(1s) : Duration::zero());
    client_->send(
        found->second, std::move(request), limit,
        [this, chain, then = std::move(then)](Result<HttpReply> reply) {
            if (!chains_.contains(chain)) return;
            talking_.erase(chain);
            if (!reply) return then(reply.error());
            then(LxdAnswer{reply->status, std::move(reply->headers), std::move(reply->body)});
        },
        waits
    );
}

void LxdCalls::ask(
    Chain chain, const std::string& method, const std::string& target, const Json& body, Then then
) {
    HttpRequest request{method, target, {}, body.is_null() ? "" : body.dump()};
    if (!body.is_null()) request.headers.emplace_back("Content-Type", "application/json");
    ask(chain, std::move(request), std::move(then));
}

void LxdCalls::operate(
    Chain chain, const std::string& method, const std::string& target, const Json& body, Then then
) {
    ask(chain, method, target, body, [this, chain, then = std::move(then)](Result<LxdAnswer> answer) {
        if (!answer || answer->status != 202) return then(std::move(answer));
        const Json whole = answer->json();
        if (!whole.is_object() || !whole.contains("operation") || !whole["operation"].is_string())
            return then(Error{Errc::corrupt, "the daemon named no operation"});
        wait(chain, whole["operation"].get<std::string>(), then);
    });
}

void LxdCalls::wait(Chain chain, const std::string& operation, Then then) {
    const std::string target = operation + "/wait?timeout=" + std::to_string(wait_seconds);
    ask(chain, "GET", target, nullptr, [this, chain, operation, then](Result<LxdAnswer> answer) {
        const Json state = answer ? answer->metadata() : Json();
        const bool goes_on = state.is_object() && state.value("status_code", 0) < 200;
        if (goes_on && answer->status == 200) return wait(chain, operation, then);
        then(std::move(answer));
    });
}

}  // namespace csim
