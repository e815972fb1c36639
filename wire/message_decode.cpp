#include "core/json_codec.hpp"
#include "wire/message.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace csim {
namespace {

constexpr std::array known_types = {
    MessageType::session_create_request,
    MessageType::session_create_response,
    MessageType::session_terminate,
    MessageType::session_terminate_all,
    MessageType::data,
};

MessageType type_named(std::string_view name) {
    for (const MessageType type : known_types) {
        if (wire_name(type) == name) return type;
    }
    return MessageType::unknown;
}

Error wrong(const std::string& path, const std::string& expected) {
    return Error{Errc::bad_argument, path + ": " + expected};
}

/// Reads the members of one JSON object; keeps the first thing that is wrong.
class ObjectReader {
  public:
    ObjectReader(Json& object, std::string path) : object_(object), path_(std::move(path)) {}

    /// The member, or null with an error noted.
    Json* member(const char* key) {
        const auto found = object_.find(key);
        if (found != object_.end()) return &*found;
        note(key, "missing");
        return nullptr;
    }

    std::string text(const char* key) {
        Json* value = member(key);
        if (value == nullptr) return {};
        if (value->is_string()) return std::move(value->get_ref<std::string&>());
        note(key, "expected a string");
        return {};
    }

    std::optional<std::string> text_or_null(const char* key) {
        Json* value = member(key);
        if (value == nullptr || value->is_null()) return std::nullopt;
        if (value->is_string()) return std::move(value->get_ref<std::string&>());
        note(key, "expected a string or null");
        return std::nullopt;
    }

    std::optional<std::int64_t> integer_or_null(const char* key) {
        Json* value = member(key);
        if (value == nullptr || value->is_null()) return std::nullopt;
        if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) {
            note(key, "expected a smaller integer");
            return std::nullopt;
        }
        if (value->is_number_integer()) return value->get<std::int64_t>();
        note(key, "expected an integer or null");
        return std::nullopt;
    }

    void note(const char* key, const char* expected) {
        if (!error_) error_ = wrong(path_ + "/" + key, expected);
    }
    const std::optional<Error>& error() const { return error_; }

  private:
    Json& object_;
    std::string path_;
    std::optional<Error> error_;
};

/// Messages of one text mostly come from one host, and share its name then.
SharedText name_like(std::string text, const Message* before) {
    return before != nullptr && before->fqdn == text ? before->fqdn : SharedText(std::move(text));
}

Result<Message> decode_message(Json& json, const std::string& path, const Message* before) {
    if (!json.is_object()) return wrong(path, "expected an object");
    ObjectReader reader(json, path);
    Message message;
    message.fqdn = name_like(reader.text("fqdn"), before);
    message.type = type_named(reader.text("type"));
    message.plugin = reader.text_or_null("plugin");
    message.session_id = reader.text_or_null("session_id");
    message.session_seq = reader.integer_or_null("session_seq");
    if (Json* body = reader.member("body")) message.body = Body(std::move(*body));
    const bool names_plugin =
        message.type != MessageType::session_terminate_all && message.type != MessageType::unknown;
    if (names_plugin && !message.plugin) reader.note("plugin", "expected a string");
    if (reader.error()) return *reader.error();
    return message;
}

std::string entry_path(std::size_t index) {
    return "/messages/" + std::to_string(index);
}

/// The object with a list under `messages` that both directions wrap their messages in.
Result<Json> parse_envelope(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) {
        return Error{
            Errc::exhausted,
            "the text has " + std::to_string(text.size()) + " bytes, more than " + std::to_string(bytes_max)};
    }
    auto parsed = parse_json(text);
    if (parsed.has_error()) return parsed.error();
    Json& json = parsed.value();
    if (!json.is_object()) return wrong("", "expected an object");
    const auto messages = json.find("messages");
    if (messages == json.end()) return wrong("/messages", "missing");
    if (!messages->is_array()) return wrong("/messages", "expected an array");
    return parsed;
}

/// Absent times are empty: managers of other versions never read them where no session is asked for.
Result<std::string> time_text(Json& envelope, const char* key, bool needed) {
    const auto found = envelope.find(key);
    if (found == envelope.end() || found->is_null()) {
        if (needed) return wrong(std::string("/") + key, "missing");
        return std::string();
    }
    if (!found->is_string()) return wrong(std::string("/") + key, "expected a string");
    return std::move(found->get_ref<std::string&>());
}

bool asks_for_session(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
        if (message.type == MessageType::session_create_request) return true;
    }
    return false;
}

}  // namespace

Result<AgentPost> decode_post(std::string_view text) {
    auto envelope = parse_envelope(text, post_bytes_max);
    if (envelope.has_error()) return envelope.error();
    AgentPost post;
    std::size_t index = 0;
    for (Json& entry : envelope.value()["messages"]) {
        const Message* before = post.messages.empty() ? nullptr : &post.messages.back();
        auto message = decode_message(entry, entry_path(index++), before);
        if (!message) return message.error();
        post.messages.push_back(*std::move(message));
    }
    auto start_time = time_text(envelope.value(), "client_start_time", asks_for_session(post.messages));
    if (!start_time) return start_time.error();
    auto boot_time = time_text(envelope.value(), "server_boot_time", false);
    if (!boot_time) return boot_time.error();
    post.client_start_time = *std::move(start_time);
    post.server_boot_time = *std::move(boot_time);
    return post;
}

Result<std::vector<Message>> decode_messages(std::string_view text) {
    auto envelope = parse_envelope(text, reply_bytes_max);
    if (envelope.has_error()) return envelope.error();
    std::vector<Message> messages;
    std::size_t index = 0;
    for (Json& entry : envelope.value()["messages"]) {
        const Message* before = messages.empty() ? nullptr : &messages.back();
        auto message = decode_message(entry, entry_path(index++), before);
        if (!message) {
            messages.emplace_back();
            messages.back().type = MessageType::unknown;
        } else {
            messages.push_back(*std::move(message));
        }
    }
    return messages;
}

}  // namespace csim
