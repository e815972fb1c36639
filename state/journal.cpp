#include "state/journal.hpp"

#include "state/checksum.hpp"
#include "state/document_name.hpp"
#include "state/json_check.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace csim {

namespace {

constexpr std::string_view name_prefix = "journal-";
constexpr std::size_t name_digits = 12;

std::string quoted(const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_change(std::string& payload, const Change& change) {
    const auto& [name, value] = change;
    payload += value ? R"(["put",)" : R"(["erase",)";
    payload += quoted(name.document) + "," + quoted(name.path);
    if (value) {
        payload += ",";
        payload += document_kind(name.document) == DocumentKind::text ? quoted(*value) : *value;
    }
    payload += "]";
}

bool is_name(const Json& operation) {
    return operation[1].is_string() && operation[2].is_string() &&
           document_kind(operation[1].get_ref<const std::string&>()) != DocumentKind::foreign;
}

bool add_operation(JournalEntry& entry, const Json& operation) {
    if (!operation.is_array() || operation.size() < 2 || !operation[0].is_string()) return false;
    const auto& verb = operation[0].get_ref<const std::string&>();
    if (verb == "version" && operation.size() == 2 && operation[1].is_number_integer()) {
        entry.version = operation[1].get<int>();
        return true;
    }
    const std::size_t size = verb == "put" ? 4 : 3;
    if ((verb != "put" && verb != "erase") || operation.size() != size || !is_name(operation)) return false;
    const EntryName name{operation[1].get<std::string>(), operation[2].get<std::string>()};
    if (verb == "erase") {
        entry.changes.push_back({name, nullptr});
        return true;
    }
    const bool text = document_kind(name.document) == DocumentKind::text;
    if (text && (!operation[3].is_string() || !name.path.empty())) return false;
    entry.changes.push_back(put_change(name, operation[3]));
    return true;
}

struct Line {
    std::uint64_t sequence = 0;
    std::string_view payload;
    std::size_t size = 0;
};

template <class Number>
bool take_number(std::string_view& text, Number& number, int base) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (code != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
}

std::optional<Line> take_line(std::string_view text) {
    auto rest = text;
    Line line;
    std::uint64_t length = 0;
    std::uint32_t crc = 0;
    if (!take_number(rest, line.sequence, 10) || !take_number(rest, length, 10)) return std::nullopt;
    const auto checked_head = text.substr(0, text.size() - rest.size());
    if (!take_number(rest, crc, 16)) return std::nullopt;
    if (length >= rest.size() || rest[length] != '\n') return std::nullopt;
    line.payload = rest.substr(0, length);
    line.size = text.size() - rest.size() + length + 1;
    if (crc32c(line.payload, crc32c(checked_head)) != crc) return std::nullopt;
    return line;
}

// Looked for everywhere, since what is damaged may be the newline before it. A payload holds no newline, so
// nothing inside one can look like a whole line.
bool whole_line_follows(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    for (auto at = text.find_first_of(digits, 1); at != text.npos; at = text.find_first_of(digits, at + 1)) {
        if (take_line(text.substr(at))) return true;
    }
    return false;
}

}  // namespace

std::string encode_entry(const JournalEntry& entry) {
    std::string payload = "[";
    for (const auto& change : entry.changes) {
        if (payload.size() > 1) payload += ",";
        add_change(payload, change);
    }
    if (entry.version) {
        if (payload.size() > 1) payload += ",";
        payload += R"(["version",)" + std::to_string(*entry.version) + "]";
    }
    return payload + "]";
}

Result<JournalEntry> decode_entry(std::string_view payload) {
    if (const auto checked = check_json(payload); !checked.has_value()) return checked.error();
    const auto operations = Json::parse(payload);
    JournalEntry entry;
    if (!operations.is_array()) return Error{Errc::corrupt, "expected a list of changes"};
    for (const auto& operation : operations) {
        if (!add_operation(entry, operation))
            return Error{Errc::corrupt, "unknown change " + operation.dump()};
    }
    return entry;
}

std::string journal_line(std::uint64_t sequence, std::string_view payload) {
    std::string line = std::to_string(sequence) + " " + std::to_string(payload.size()) + " ";
    char hex[9] = {};
    const auto crc = crc32c(payload, crc32c(line));
    const auto end = std::to_chars(hex, hex + 8, crc, 16).ptr;
    line.append(hex, end).append(" ").append(payload).append("\n");
    return line;
}

JournalScan scan_journal(std::string_view text, std::uint64_t first) {
    JournalScan scan;
    while (scan.whole_bytes < text.size()) {
        const auto rest = text.substr(scan.whole_bytes);
        const auto line = take_line(rest);
        if (!line || line->sequence != first + scan.payloads.size()) {
            scan.damaged = line.has_value() || whole_line_follows(rest);
            scan.torn = !scan.damaged;
            break;
        }
        scan.payloads.push_back(line->payload);
        scan.whole_bytes += line->size;
    }
    return scan;
}

std::string journal_name(std::uint64_t first) {
    auto digits = std::to_string(first);
    if (digits.size() < name_digits) digits.insert(0, name_digits - digits.size(), '0');
    return std::string(name_prefix) + digits;
}

std::optional<std::uint64_t> journal_first(std::string_view name) {
    if (!name.starts_with(name_prefix)) return std::nullopt;
    name.remove_prefix(name_prefix.size());
    std::uint64_t first = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), first);
    if (code != std::errc{} || end != name.data() + name.size() || name.size() < name_digits)
        return std::nullopt;
    return first;
}

}  // namespace csim
