#include "tests/conformance/manager_steps.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace csim {

HttpReply ManagerBench::wait(const Reply& reply, Duration limit) {
    const SimTime end = now() + limit;
    while (!reply->has_value() && now() < end) run_for(std::chrono::milliseconds(10));
    REQUIRE_MESSAGE(reply->has_value(), "no reply came");
    return **reply;
}

Json registration(ManagerBench& bench, const std::string& fqdn, const std::string& key) {
    return {
        {"fqdn", fqdn},
        {"nodename", fqdn.substr(0, fqdn.find('.'))},
        {"address", fqdn},
        {"version", "4.0.10.0"},
        {"capabilities", {"manage_targets"}},
        {"csr", bench.certificate_request(fqdn, key)},
    };
}

HttpRequest post_request(std::string target, std::string body) {
    return {"POST", std::move(target), {{"Content-Type", "application/json"}}, std::move(body)};
}

HttpReply register_with(ManagerBench& bench, const std::string& secret, const Json& body) {
    return bench.wait(bench.send("", post_request("/agent/register/" + secret + "/", body.dump())));
}

HandAgent::HandAgent(ManagerBench& on, std::string name) : bench(on), fqdn(std::move(name)) {
    TokenDraft draft;
    draft.profile = "base_managed";
    const std::string secret = bench.tokens().create(draft).secret;
    const HttpReply reply = register_with(bench, secret, registration(bench, fqdn));
    REQUIRE(reply.status == 201);
    certificate = Json::parse(reply.body)["certificate"];
    reboot();
}

void HandAgent::restart() {
    bench.run_for(std::chrono::milliseconds(1));
    start_time = utc_text_z(bench.now());
}

void HandAgent::reboot() {
    restart();
    boot_time = start_time;
}

ManagerBench::Reply HandAgent::poll() {
    return bench.send(certificate, {"GET", message_target({boot_time, start_time}), {}, {}});
}

std::vector<Message> HandAgent::polled(const ManagerBench::Reply& reply, Duration limit) {
    const HttpReply answer = bench.wait(reply, limit);
    REQUIRE(answer.status == 200);
    const auto messages = decode_messages(answer.body);
    REQUIRE(messages.has_value());
    return *messages;
}

std::vector<Message> HandAgent::poll_now(Duration limit) {
    return polled(poll(), limit);
}

HttpReply HandAgent::post(std::vector<Message> messages) {
    return post_text(encode(AgentPost{boot_time, start_time, std::move(messages)}));
}

HttpReply HandAgent::post_text(const std::string& text) {
    return bench.wait(bench.send(certificate, post_request("/agent/message/", text)));
}

Message HandAgent::create(const std::string& plugin) const {
    Message message;
    message.fqdn = fqdn;
    message.type = MessageType::session_create_request;
    message.plugin = plugin;
    return message;
}

Message HandAgent::data(const std::string& plugin, const std::string& session, std::int64_t seq, Json body)
    const {
    Message message;
    message.fqdn = fqdn;
    message.plugin = plugin;
    message.session_id = session;
    message.session_seq = seq;
    message.body = Body(std::move(body));
    return message;
}

std::vector<std::string> HandAgent::open(const std::vector<std::string>& plugins) {
    std::vector<Message> requests;
    for (const std::string& plugin : plugins) requests.push_back(create(plugin));
    REQUIRE(post(requests).status == 200);
    const std::vector<Message> answers = poll_now();
    std::vector<std::string> ids;
    for (const std::string& plugin : plugins) {
        const auto found = std::find_if(answers.begin(), answers.end(), [&](const Message& message) {
            return message.plugin == plugin && message.type == MessageType::session_create_response;
        });
        REQUIRE(found != answers.end());
        ids.push_back(found->session_id->str());
    }
    return ids;
}

std::string content_type(const HttpReply& reply) {
    for (const auto& [name, value] : reply.headers) {
        if (name == "Content-Type") return value;
    }
    return {};
}

std::vector<std::string> summary(const std::vector<Message>& messages) {
    std::vector<std::string> lines;
    for (const Message& message : messages) {
        lines.push_back(
            std::string(wire_name(message.type)) + (message.plugin ? " " + message.plugin->str() : "")
        );
    }
    return lines;
}

bool contains(const std::vector<std::string>& events, const std::string& event) {
    return std::find(events.begin(), events.end(), event) != events.end();
}

std::vector<ManagerCheck> manager_checks() {
    std::vector<ManagerCheck> all;
    for (const auto& part :
         {manager_registration_checks(), manager_message_checks(), manager_session_checks(),
          manager_contact_checks(), manager_action_checks(), manager_action_oddity_checks()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace csim
