#include "core/trace_fields.hpp"

#include "core/duration_text.hpp"
#include "core/utc.hpp"

#include <cassert>
#include <cstring>
#include <deque>
#include <mutex>

namespace csim {

static_assert(std::endian::native == std::endian::little, "encoded words are little-endian");

namespace {

/// Reads encoded values from the front.
class FieldReader {
  public:
    explicit FieldReader(std::string_view encoded) : left_(encoded) {}

    std::string next_text() {
        const auto tag = static_cast<FieldTag>(left_.front());
        left_.remove_prefix(1);
        switch (tag) {
            case FieldTag::nothing:
                return "none";
            case FieldTag::yes:
                return "true";
            case FieldTag::no:
                return "false";
            case FieldTag::signed_number:
                return std::to_string(std::int64_t(word()));
            case FieldTag::unsigned_number:
                return std::to_string(word());
            case FieldTag::floating:
                return std::to_string(std::bit_cast<double>(word()));
            case FieldTag::span:
                return duration_text(Duration(std::int64_t(word())));
            case FieldTag::instant:
                return utc_text(SimTime::from_unix_ns(std::int64_t(word())));
            case FieldTag::text:
                return quoted(bytes(word()));
            case FieldTag::list:
                return list();
        }
        return "?";
    }

  private:
    std::uint64_t word() {
        std::uint64_t value = 0;
        std::memcpy(&value, left_.data(), sizeof value);
        left_.remove_prefix(sizeof value);
        return value;
    }
    std::string_view bytes(std::size_t size) {
        const std::string_view taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }
    std::string list() {
        std::string text = "[";
        for (std::uint64_t left = word(); left > 0; --left) {
            text += next_text();
            if (left > 1) text += ' ';
        }
        return text + ']';
    }
    /// Control characters would break the one line that an event is.
    static std::string quoted(std::string_view text) {
        bool plain = !text.empty();
        for (const char c : text) plain = plain && c > ' ' && c != '"' && c != '\\' && c != 0x7f;
        if (plain) return std::string(text);
        std::string quotes = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') quotes += '\\';
            quotes += c >= 0 && c < ' ' ? '.' : c;
        }
        return quotes + '"';
    }

    std::string_view left_;
};

struct Kinds {
    std::mutex mutex;
    std::deque<EventKind> all;  // never moves its elements

    const EventKind* find(std::string_view name) const {
        for (const EventKind& kind : all)
            if (kind.name == name) return &kind;
        return nullptr;
    }
};

Kinds& kinds() {
    static Kinds instance;
    return instance;
}

}  // namespace

const EventKind& register_event_kind(std::string_view name, std::vector<std::string_view> fields) {
    const std::lock_guard lock(kinds().mutex);
    if (const EventKind* known = kinds().find(name)) {
        assert(known->fields == fields);  // two types must not share a name
        return *known;
    }
    return kinds().all.emplace_back(EventKind{name, std::move(fields), kinds().all.size()});
}

const EventKind* find_event_kind(std::string_view name) {
    const std::lock_guard lock(kinds().mutex);
    return kinds().find(name);
}

std::string fields_text(const EventKind& kind, std::string_view encoded) {
    std::string text;
    FieldReader reader(encoded);
    for (const std::string_view field : kind.fields) {
        text += ' ';
        text += field;
        text += '=';
        text += reader.next_text();
    }
    return text;
}

void encode_word(std::string& out, FieldTag tag, std::uint64_t word) {
    char bytes[1 + sizeof word];
    bytes[0] = static_cast<char>(tag);
    std::memcpy(bytes + 1, &word, sizeof word);
    out.append(bytes, sizeof bytes);
}

void encode_text(std::string& out, std::string_view text) {
    encode_word(out, FieldTag::text, text.size());
    out += text;
}

}  // namespace csim
