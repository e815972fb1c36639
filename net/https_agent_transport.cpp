#include "net/https_agent_transport.hpp"

#include "core/json_codec.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

std::string without_slash(std::string path) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    return path;
}

HttpRequest agent_request(std::string method, std::string target, std::string body) {
    return {
        std::move(method),
        std::move(target),
        {{"Content-Type", "application/json"},
         {"Accept", "*/*"},
         {"User-Agent", "cluster-sim/" CSIM_VERSION}},
        std::move(body)};
}

// An agent treats every failure alike; the text is for its log.
std::optional<Failure> failure_in(const Result<HttpReply>& reply) {
    if (!reply) return Failure{0, reply.error().detail};
    if (reply->status < 300) return std::nullopt;
    return Failure{reply->status, "the manager answered " + std::to_string(reply->status)};
}

Failure unreadable(const HttpReply& reply, const Error& error) {
    return {reply.status, "the manager's answer is not what it must be: " + error.detail};
}

}  // namespace

HttpsAgentTransport::HttpsAgentTransport(
    HttpsClient& client, std::shared_ptr<const TlsIdentity> identity, const std::string& base_path,
    Duration timeout
)
    : client_(client),
      base_path_(without_slash(base_path)),
      timeout_(timeout),
      get_lane_(client.open_lane(identity)),
      post_lane_(client.open_lane(identity)) {}

HttpsAgentTransport::~HttpsAgentTransport() {
    client_.close_lane(get_lane_);
    client_.close_lane(post_lane_);
}

HttpRequest HttpsAgentTransport::request(std::string method, const std::string& target, std::string body)
    const {
    return agent_request(std::move(method), base_path_ + target, std::move(body));
}

void HttpsAgentTransport::get(const AgentGet& get, UniqueFunction<void(Outcome<std::vector<Message>>)> done) {
    auto receive = [done = std::move(done)](Result<HttpReply> reply) mutable {
        if (const auto failure = failure_in(reply)) return done(*failure);
        auto messages = decode_messages(reply->body);
        if (!messages) return done(unreadable(*reply, messages.error()));
        done(std::move(*messages));
    };
    client_.send(get_lane_, request("GET", message_target(get), ""), timeout_, std::move(receive), true);
}

void HttpsAgentTransport::post(AgentPost post, UniqueFunction<void(Outcome<Nothing>)> done) {
    auto receive = [done = std::move(done)](Result<HttpReply> reply) mutable {
        if (const auto failure = failure_in(reply)) return done(*failure);
        done(Nothing{});
    };
    client_.send(post_lane_, request("POST", "/agent/message/", encode(post)), timeout_, std::move(receive));
}

void HttpsAgentTransport::copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) {
    auto receive = [done = std::move(done)](Result<HttpReply> reply) mutable {
        if (const auto failure = failure_in(reply))
            return done(Outcome<Json>(boost::system::in_place_error, *failure));
        auto parsed = parse_json(reply->body);
        if (!parsed) {
            const Failure failure = unreadable(*reply, parsed.error());
            return done(Outcome<Json>(boost::system::in_place_error, failure));
        }
        Json operations =
            parsed->is_object() ? parsed->value("active_operations", Json::object()) : Json::object();
        done(Outcome<Json>(boost::system::in_place_value, std::move(operations)));
    };
    client_.send(
        post_lane_, request("POST", "/agent/copytool_event/", envelope.dump()), timeout_, std::move(receive)
    );
}

void HttpsAgentTransport::abandon() {
    client_.abandon(get_lane_);
    client_.abandon(post_lane_);
}

HttpsRegistrationTransport::HttpsRegistrationTransport(
    HttpsClient& client, const std::string& base_path, Duration timeout
)
    : client_(client), base_path_(without_slash(base_path)), timeout_(timeout) {}

HttpsRegistrationTransport::~HttpsRegistrationTransport() {
    for (const auto lane : lanes_) client_.close_lane(lane);
}

HttpsClient::LaneId HttpsRegistrationTransport::take_lane() {
    if (free_.empty()) {
        lanes_.push_back(client_.open_lane(nullptr));
        return lanes_.back();
    }
    const auto lane = free_.back();
    free_.pop_back();
    return lane;
}

void HttpsRegistrationTransport::give_back(HttpsClient::LaneId lane) {
    free_.push_back(lane);
    if (free_.size() < lanes_.size()) return;
    for (const auto idle : lanes_) {
        if (idle != lane) client_.close_lane(idle);
    }
    lanes_ = free_ = {lane};
}

void HttpsRegistrationTransport::register_agent(
    const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
) {
    const auto lane = take_lane();
    auto receive = [this, lane, done = std::move(done)](Result<HttpReply> reply) mutable {
        give_back(lane);
        if (reply) return done(Reply{reply->status, std::move(reply->body)});
        Error error = reply.error();
        if (error.code != Errc::refused) error.code = Errc::unreachable;
        done(std::move(error));
    };
    client_.send(
        lane, agent_request("POST", base_path_ + "/agent/register/" + secret + "/", body), timeout_,
        std::move(receive)
    );
}

}  // namespace csim
