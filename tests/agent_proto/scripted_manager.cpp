#include "tests/agent_proto/scripted_manager.hpp"

#include <nlohmann/json.hpp>

#include <cassert>

namespace csim {

void ScriptedManager::get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) {
    assert(!parked_);
    ++get_count;
    ++poll_;
    if (keeps_requests) gets.push_back({timeline_.now(), request});
    parked_ = std::move(done);
    if (get_status_) return fail_poll();
    if (opens_sessions && request.client_start_time != known_start_time_) {
        known_start_time_ = request.client_start_time;
        outgoing_.insert(outgoing_.begin(), terminate_all());
    }
    const bool only_reset = outgoing_.size() == 1 && outgoing_[0].type == MessageType::session_terminate_all;
    if (!outgoing_.empty() && !(opens_sessions && only_reset)) return answer_poll();
    const std::uint64_t poll = poll_;
    timeline_.after(30s, [this, poll] { poll_times_out(poll); });
}

void ScriptedManager::poll_times_out(std::uint64_t poll) {
    if (poll == poll_ && parked_) answer_poll();
}

void ScriptedManager::answer_poll() {
    const std::uint64_t connection = connection_;
    const std::uint64_t poll = poll_;
    timeline_.after(latency_, [this, connection, poll] {
        if (connection != connection_ || poll != poll_ || !parked_) return;
        auto done = std::exchange(parked_, {});
        done(std::exchange(outgoing_, {}));
    });
}

void ScriptedManager::fail_poll() {
    const std::uint64_t connection = connection_;
    const std::uint64_t poll = poll_;
    timeline_.after(latency_, [this, connection, poll] {
        if (connection != connection_ || poll != poll_ || !parked_) return;
        auto done = std::exchange(parked_, {});
        done(Failure{get_status_.value_or(0), "as scripted"});
    });
}

void ScriptedManager::post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) {
    assert(!post_in_flight_);
    ++post_count;
    post_in_flight_ = true;
    post_done_ = std::move(done);
    if (keeps_requests) posts.push_back({timeline_.now(), request});
    if (opens_sessions && post_status == 0) open_sessions(request);
    if (!holds_posts) finish_post();
}

void ScriptedManager::finish_post() {
    const std::uint64_t connection = connection_;
    timeline_.after(latency_, [this, connection, status = post_status] {
        if (connection != connection_) return;
        post_in_flight_ = false;
        auto done = std::exchange(post_done_, {});
        if (status == 0) return done(Nothing{});
        done(Failure{status, "as scripted"});
    });
}

void ScriptedManager::release_posts() {
    holds_posts = false;
    if (post_in_flight_) finish_post();
}

void ScriptedManager::open_sessions(const AgentPost& request) {
    std::vector<Message> responses;
    for (const Message& message : request.messages) {
        if (message.type != MessageType::session_create_request) continue;
        const std::string id = "session-" + std::to_string(++last_session_);
        session_ids_[message.plugin->str()] = id;
        responses.push_back(response(*message.plugin, id));
    }
    if (!responses.empty()) send(std::move(responses));
}

void ScriptedManager::send(std::vector<Message> messages) {
    for (Message& message : messages) outgoing_.push_back(std::move(message));
    if (parked_ && !get_status_) answer_poll();
}

void ScriptedManager::fail_gets(unsigned status) {
    get_status_ = status;
    if (parked_) fail_poll();
}

void ScriptedManager::copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) {
    copytool_texts.push_back(envelope.dump());
    const auto finish = std::make_shared<UniqueFunction<void(Outcome<Json>)>>(std::move(done));
    const std::uint64_t connection = connection_;
    timeline_.after(latency_, [this, finish, connection, status = copytool_status] {
        if (connection != connection_) return;
        if (status != 0)
            return (*finish)(Outcome<Json>(boost::system::in_place_error, Failure{status, "as scripted"}));
        Json operations = Json::object();
        for (const auto& [fid, operation] : copytool_reply) operations[fid] = operation;
        (*finish)(Outcome<Json>(boost::system::in_place_value, std::move(operations)));
    });
}

void ScriptedManager::abandon() {
    ++connection_;
    parked_ = {};
    post_done_ = {};
    post_in_flight_ = false;
}

std::string ScriptedManager::session_id(const std::string& plugin) const {
    const auto found = session_ids_.find(plugin);
    return found == session_ids_.end() ? std::string() : found->second;
}

Message response(const std::string& plugin, const std::string& session_id) {
    Message message;
    message.type = MessageType::session_create_response;
    message.plugin = plugin;
    message.session_id = session_id;
    return message;
}

Message terminate(const std::string& plugin) {
    Message message;
    message.type = MessageType::session_terminate;
    message.plugin = plugin;
    return message;
}

Message terminate_all() {
    Message message;
    message.type = MessageType::session_terminate_all;
    return message;
}

Message data_for(const std::string& plugin, const std::string& session_id, Json body) {
    Message message;
    message.type = MessageType::data;
    message.plugin = plugin;
    message.session_id = session_id;
    message.body = Body(std::move(body));
    return message;
}

}  // namespace csim
