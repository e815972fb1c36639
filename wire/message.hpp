// What agents and managers say to each other, and its JSON form.
// Source: the agent protocol, §3.1, §3.3, §3.5 and §6 of its specification.
#pragma once

#include "core/shared_text.hpp"
#include "wire/body.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

enum class MessageType {
    session_create_request,
    session_create_response,
    session_terminate,
    session_terminate_all,
    data,
    unknown,  ///< decoded only: a type of some other version, or an entry of a reply that is no message;
              ///< ignore it
};

/// The longest `POST /agent/message/` a manager takes, in bytes of its body.
inline constexpr std::size_t post_bytes_max = 8'388'608;
/// The longest reply to a long poll an agent takes; there is no limit in the protocol.
inline constexpr std::size_t reply_bytes_max = 268'435'456;

/// The wire's spelling, such as `SESSION_CREATE_REQUEST`.
std::string_view wire_name(MessageType type);

struct Message {
    SharedText fqdn;
    MessageType type = MessageType::data;
    std::optional<SharedText> plugin;  ///< absent only in session_terminate_all
    std::optional<SharedText> session_id;
    std::optional<std::int64_t> session_seq;  ///< set only in data from agent to manager
    Body body;
};

/// `POST /agent/message/`: what an agent sends.
struct AgentPost {
    SharedText server_boot_time;  ///< spelled once per agent process; compared as text by managers
    SharedText client_start_time;
    std::vector<Message> messages;
};

/// `GET /agent/message/`: the long poll.
struct AgentGet {
    SharedText server_boot_time;
    SharedText client_start_time;
};

/// The exact length of the message in an encoded post, without the separator of one byte between two
/// messages.
std::size_t encoded_size(const Message& message);
/// The exact length of encode(post).
std::size_t encoded_size(const AgentPost& post);

std::string encode(const AgentPost& post);
std::string encode_messages(const std::vector<Message>& messages
);  ///< `{"messages": […]}`, what a manager answers
/// The target of the long poll, with `:` and `+` percent-encoded.
std::string message_target(const AgentGet& get);

/// Strict: every key of every message present, types right, size and nesting limited. Errors carry the path.
/// The two times may be absent (empty), unless a message asks for a session. A message of an unknown type is
/// kept as MessageType::unknown. Errors: bad_argument, and exhausted for too much text.
Result<AgentPost> decode_post(std::string_view text);
/// A reply to a long poll. Only a reply without a list of messages is an error; an entry that is no message
/// becomes MessageType::unknown, so that the rest still arrives.
Result<std::vector<Message>> decode_messages(std::string_view text);

/// Appends `value` as a JSON string of pure ASCII; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& text, std::string_view value);

}  // namespace csim
