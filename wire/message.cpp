#include "wire/message.hpp"

#include "wire/json_text.hpp"

#include <charconv>

namespace csim {
namespace {

template <class Sink>
void write_text(Sink& sink, std::string_view text) {
    sink.append(text);
}

template <class Sink>
void write_optional(Sink& sink, const std::optional<SharedText>& text) {
    if (text) {
        write_json_text(sink, std::string_view(*text));
    } else {
        write_text(sink, "null");
    }
}

void write_body(std::string& sink, const Body& body) {
    body.append_to(sink);
}
void write_body(TextCounter& sink, const Body& body) {
    sink.size += body.text_size();
}

template <class Sink>
void write_message(Sink& sink, const Message& message) {
    write_text(sink, R"({"fqdn":)");
    write_json_text(sink, std::string_view(message.fqdn));
    write_text(sink, R"(,"type":")");
    write_text(sink, wire_name(message.type));
    write_text(sink, R"(","plugin":)");
    write_optional(sink, message.plugin);
    write_text(sink, R"(,"session_id":)");
    write_optional(sink, message.session_id);
    write_text(sink, R"(,"session_seq":)");
    json_text::write(sink, message.session_seq);
    write_text(sink, R"(,"body":)");
    write_body(sink, message.body);
    write_text(sink, "}");
}

template <class Sink>
void write_messages(Sink& sink, const std::vector<Message>& messages) {
    write_text(sink, R"("messages":[)");
    bool first = true;
    for (const Message& message : messages) {
        if (!first) write_text(sink, ",");
        first = false;
        write_message(sink, message);
    }
    write_text(sink, "]}");
}

template <class Sink>
void write_post(Sink& sink, const AgentPost& post) {
    write_text(sink, R"({"server_boot_time":)");
    write_json_text(sink, std::string_view(post.server_boot_time));
    write_text(sink, R"(,"client_start_time":)");
    write_json_text(sink, std::string_view(post.client_start_time));
    write_text(sink, ",");
    write_messages(sink, post.messages);
}

/// Percent-encodes whatever is not unreserved in RFC 3986, `:` and `+` among it.
void append_query_value(std::string& target, std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : value) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || std::string_view("-._~").find(c) != std::string_view::npos) {
            target.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            target.push_back('%');
            target.push_back(digits[byte >> 4]);
            target.push_back(digits[byte & 15]);
        }
    }
}

}  // namespace

std::string_view wire_name(MessageType type) {
    switch (type) {
        case MessageType::session_create_request:
            return "SESSION_CREATE_REQUEST";
        case MessageType::session_create_response:
            return "SESSION_CREATE_RESPONSE";
        case MessageType::session_terminate:
            return "SESSION_TERMINATE";
        case MessageType::session_terminate_all:
            return "SESSION_TERMINATE_ALL";
        case MessageType::data:
            return "DATA";
        case MessageType::unknown:
            break;
    }
    return "UNKNOWN";
}

std::size_t encoded_size(const Message& message) {
    TextCounter counter;
    write_message(counter, message);
    return counter.size;
}

std::size_t encoded_size(const AgentPost& post) {
    TextCounter counter;
    write_post(counter, post);
    return counter.size;
}

std::string encode(const AgentPost& post) {
    std::string text;
    write_post(text, post);
    return text;
}

std::string encode_messages(const std::vector<Message>& messages) {
    std::string text = "{";
    write_messages(text, messages);
    return text;
}

std::string message_target(const AgentGet& get) {
    std::string target = "/agent/message/?server_boot_time=";
    append_query_value(target, get.server_boot_time);
    target += "&client_start_time=";
    append_query_value(target, get.client_start_time);
    return target;
}

void append_json_string(std::string& text, std::string_view value) {
    write_json_text(text, value);
}

}  // namespace csim
