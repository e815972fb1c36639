// What agents and managers say to each other, and its JSON form.
// Source: the agent protocol, §3.1, §3.3, §3.5 and §6 of its specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/body.hpp"

namespace csim {

enum class MessageType {
    session_create_request,
    session_create_response,
    session_terminate,
    session_terminate_all,
    data,
};

/// The wire's spelling, such as `SESSION_CREATE_REQUEST`.
std::string_view wire_name(MessageType type);

struct Message {
    std::string fqdn;
    MessageType type = MessageType::data;
    std::optional<std::string> plugin;      ///< absent only in session_terminate_all
    std::optional<std::string> session_id;
    std::optional<std::int64_t> session_seq;  ///< set only in data from agent to manager
    Body body;
};

/// `POST /agent/message/`: what an agent sends.
struct AgentPost {
    std::string server_boot_time;   ///< spelled once per agent process; compared as text by managers
    std::string client_start_time;
    std::vector<Message> messages;
};

/// `GET /agent/message/`: the long poll.
struct AgentGet {
    std::string server_boot_time;
    std::string client_start_time;
};

/// The exact length of the message in an encoded post, without separators.
std::size_t encoded_size(const Message& message);

std::string encode(const AgentPost& post);
std::string encode_messages(const std::vector<Message>& messages);  ///< `{"messages": […]}`, what a manager answers
/// The target of the long poll, with `:` and `+` percent-encoded.
std::string message_target(const AgentGet& get);

/// Strict: every key present, types right, size and nesting limited. Errors carry the path.
Result<AgentPost> decode_post(std::string_view text);
Result<std::vector<Message>> decode_messages(std::string_view text);

}  // namespace csim
