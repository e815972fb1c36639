// What checks of managers do over and over: join, poll, post, and read what came.
#pragma once

#include "core/utc.hpp"
#include "tests/conformance/manager_bench.hpp"
#include "wire/message.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace csim {

/// The JSON body of `POST /agent/register/<secret>/`.
Json registration(ManagerBench& bench, const std::string& fqdn, const std::string& key = "key");
HttpRequest post_request(std::string target, std::string body);
HttpReply register_with(ManagerBench& bench, const std::string& secret, const Json& body);

/// An agent by hand: every request is the test's decision.
struct HandAgent {
    HandAgent(ManagerBench& bench, std::string fqdn);

    /// A new process on the same, or a rebooted machine.
    void restart();
    void reboot();

    ManagerBench::Reply poll();
    std::vector<Message> polled(const ManagerBench::Reply& reply, Duration limit = std::chrono::seconds(31));
    /// poll() and wait.
    std::vector<Message> poll_now(Duration limit = std::chrono::seconds(31));
    HttpReply post(std::vector<Message> messages);
    HttpReply post_text(const std::string& text);

    Message create(const std::string& plugin) const;
    Message data(const std::string& plugin, const std::string& session, std::int64_t seq, Json body) const;
    /// Opens sessions and polls; returns their ids in order of `plugins`.
    std::vector<std::string> open(const std::vector<std::string>& plugins);

    ManagerBench& bench;
    std::string fqdn;
    std::string certificate;
    std::string boot_time;
    std::string start_time;
};

/// The value of the reply's `Content-Type`.
std::string content_type(const HttpReply& reply);

/// `SESSION_TERMINATE_ALL`, `SESSION_CREATE_RESPONSE linux`, …
std::vector<std::string> summary(const std::vector<Message>& messages);
using Names = std::vector<std::string>;

/// Whether `events` has `event`.
bool contains(const std::vector<std::string>& events, const std::string& event);

}  // namespace csim
