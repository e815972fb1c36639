#include "net/rest_client.hpp"

#include "core/json_codec.hpp"
#include "core/work_queue.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace csim {
namespace {

std::string with_slash(std::string path) {
    if (path.empty() || path.back() != '/') path += '/';
    return path;
}

}  // namespace

Json RestReply::json() const {
    if (text.empty()) return nullptr;
    const auto parsed = parse_json(text);
    return parsed ? *parsed : Json();
}

RestClient::RestClient(HttpsClient& client, std::string base_path, Duration timeout)
    : client_(client),
      base_path_(with_slash(std::move(base_path))),
      timeout_(timeout),
      lane_(client.open_lane(nullptr)) {}

RestClient::~RestClient() {
    client_.close_lane(lane_);
}

void RestClient::learn_cookies(const HttpFields& headers) {
    for (const auto& [name, value] : headers) {
        if (!equal_ignoring_case(name, "Set-Cookie")) continue;
        const std::string pair = value.substr(0, value.find(';'));
        const auto equals = pair.find('=');
        if (equals != std::string::npos) cookies_[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
}

std::string RestClient::cookie_field() const {
    std::string field;
    for (const auto& [name, value] : cookies_) field += (field.empty() ? "" : "; ") + name + "=" + value;
    return field;
}

void RestClient::request(std::string method, const std::string& path, std::string body, Done done) {
    HttpRequest request{
        std::move(method), base_path_ + path, {{"Accept", "application/json"}}, std::move(body)};
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (!bearer_.empty()) request.headers.emplace_back("Authorization", "Bearer " + bearer_);
    if (!cookies_.empty()) request.headers.emplace_back("Cookie", cookie_field());
    const auto token = cookies_.find("csrftoken");
    if (request.method != "GET" && token != cookies_.end())
        request.headers.emplace_back("X-CSRFToken", token->second);
    client_.send(
        lane_, std::move(request), timeout_,
        [this, done = std::move(done)](Result<HttpReply> reply) mutable {
            if (!reply) return done(reply.error());
            learn_cookies(reply->headers);
            done(RestReply{reply->status, std::move(reply->headers), std::move(reply->body)});
        }
    );
}

void RestClient::get(const std::string& path, Done done) {
    request("GET", path, "", std::move(done));
}

void RestClient::post(const std::string& path, const Json& body, Done done) {
    request("POST", path, body.dump(), std::move(done));
}

void RestClient::put(const std::string& path, const Json& body, Done done) {
    request("PUT", path, body.dump(), std::move(done));
}

void RestClient::patch(const std::string& path, const Json& body, Done done) {
    request("PATCH", path, body.dump(), std::move(done));
}

void RestClient::remove(const std::string& path, Done done) {
    request("DELETE", path, "", std::move(done));
}

void RestClient::login(std::string user, std::string password, UniqueFunction<void(Result<Nothing>)> done) {
    // The first visit sets the cookies without which the manager refuses the login itself.
    get("api/session/", [this, user = std::move(user), password = std::move(password),
                         done = std::move(done)](Result<RestReply> visit) mutable {
        if (!visit) return done(visit.error());
        const Json credentials = {{"username", user}, {"password", password}};
        post("api/session/", credentials, [user, done = std::move(done)](Result<RestReply> reply) mutable {
            if (!reply) return done(reply.error());
            if (reply->ok()) return done(Nothing{});
            if (reply->status >= 500 || reply->status < 400) {
                return done(Error{
                    Errc::corrupt, "the manager answered the login of " + user + " with status " +
                                       std::to_string(reply->status) + ", is this the URL of a manager?"});
            }
            done(Error{
                Errc::refused, "the manager refused the login of " + user + " with status " +
                                   std::to_string(reply->status) + ", check user name and password"});
        });
    });
}

struct BlockingRestClient::Impl {
    Impl(HttpsClientOptions options, std::string base_path, Duration timeout)
        : client(inbox, std::move(options)), rest(client, std::move(base_path), timeout) {}

    template <class T, class Start>
    Result<T> wait(Start start) {
        std::optional<Result<T>> answer;
        start([&answer](Result<T> result) { answer = std::move(result); });
        while (!answer) inbox.run_one();
        return std::move(*answer);
    }

    WorkQueue inbox;
    HttpsClient client;
    RestClient rest;
};

BlockingRestClient::BlockingRestClient(HttpsClientOptions options, std::string base_path, Duration timeout)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(base_path), timeout)) {}

BlockingRestClient::~BlockingRestClient() = default;

Result<Nothing> BlockingRestClient::login(const std::string& user, const std::string& password) {
    return impl_->wait<Nothing>([&](auto done) { impl_->rest.login(user, password, std::move(done)); });
}

void BlockingRestClient::authorize(std::string token) {
    impl_->rest.authorize(std::move(token));
}

Result<RestReply> BlockingRestClient::get(const std::string& path) {
    return impl_->wait<RestReply>([&](auto done) { impl_->rest.get(path, std::move(done)); });
}

Result<RestReply> BlockingRestClient::post(const std::string& path, const Json& body) {
    return impl_->wait<RestReply>([&](auto done) { impl_->rest.post(path, body, std::move(done)); });
}

Result<RestReply> BlockingRestClient::put(const std::string& path, const Json& body) {
    return impl_->wait<RestReply>([&](auto done) { impl_->rest.put(path, body, std::move(done)); });
}

Result<RestReply> BlockingRestClient::patch(const std::string& path, const Json& body) {
    return impl_->wait<RestReply>([&](auto done) { impl_->rest.patch(path, body, std::move(done)); });
}

Result<RestReply> BlockingRestClient::remove(const std::string& path) {
    return impl_->wait<RestReply>([&](auto done) { impl_->rest.remove(path, std::move(done)); });
}

}  // namespace csim
