#include "agent_proto/copytool_events.hpp"

#include "core/json_codec.hpp"
#include "core/utc.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace csim {
namespace {

constexpr std::array log_levels = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};

/// What each type needs for a manager to take it; texts and counts apart.
struct EventKind {
    std::vector<const char*> texts;
    std::vector<const char*> counts;
};

std::map<std::string, EventKind> make_event_kinds() {
    std::map<std::string, EventKind> kinds = {
        {"REGISTER", {{"uuid"}, {}}},
        {"UNREGISTER", {{"uuid"}, {}}},
        {"LOGGED_MESSAGE", {{"message", "level"}, {}}},
    };
    for (const std::string operation : {"ARCHIVE", "RESTORE", "REMOVE"}) {
        kinds[operation + "_START"] = {{"lustre_path", "source_fid", "data_fid"}, {"total_bytes"}};
        kinds[operation + "_RUNNING"] = {
            {"lustre_path", "source_fid", "data_fid"}, {"current_bytes", "total_bytes"}};
        kinds[operation + "_FINISH"] = {{"source_fid", "data_fid"}, {}};
        kinds[operation + "_ERROR"] = {{"source_fid", "data_fid", "error"}, {}};
    }
    return kinds;
}

const EventKind* find_kind(const std::string& event_type) {
    static const std::map<std::string, EventKind> kinds = make_event_kinds();
    const auto found = kinds.find(event_type);
    return found == kinds.end() ? nullptr : &found->second;
}

Error wrong(const std::string& key, const std::string& expected) {
    return Error{Errc::bad_argument, "/" + key + ": " + expected};
}

/// The text under `key`, or null.
const std::string* text_of(const Json& event, const char* key) {
    const auto found = event.find(key);
    return found != event.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

std::optional<Error> find_fault(const Json& event, const EventKind& kind) {
    for (const char* key : kind.texts) {
        if (text_of(event, key) == nullptr) return wrong(key, "expected a string");
    }
    for (const char* key : kind.counts) {
        const auto found = event.find(key);
        if (found == event.end() || !found->is_number_integer()) return wrong(key, "expected an integer");
    }
    const std::string* level = text_of(event, "level");
    if (level != nullptr && std::find(log_levels.begin(), log_levels.end(), *level) == log_levels.end()) {
        return wrong("level", "expected DEBUG, INFO, WARNING, ERROR or CRITICAL");
    }
    return std::nullopt;
}

}  // namespace

Result<Json> read_copytool_event(std::string_view line) {
    auto parsed = parse_json(line);
    if (parsed.has_error()) return parsed;
    Json& event = parsed.value();
    if (!event.is_object()) return wrong("", "expected an object");
    const std::string* type = text_of(event, "event_type");
    if (type == nullptr) return wrong("event_type", "expected a string");
    const EventKind* kind = find_kind(*type);
    if (kind == nullptr) return wrong("event_type", "no event is called '" + *type + "'");
    if (auto fault = find_fault(event, *kind)) return *std::move(fault);
    const std::string* time = text_of(event, "event_time");
    if (time == nullptr) return wrong("event_time", "expected a string");
    const auto at = parse_utc(*time);
    if (!at) return wrong("event_time", at.error().detail);
    event["event_time"] = utc_text_seconds(*at);
    return parsed;
}

void ActiveOperations::mark(Json& event) {
    const std::string type = event.at("event_type");
    const std::string* data_fid = text_of(event, "data_fid");
    const std::string* source_fid = text_of(event, "source_fid");
    if (data_fid == nullptr || source_fid == nullptr) return;
    if (type.ends_with("_RUNNING") && *source_fid != *data_fid) {
        auto moved = by_fid_.extract(*source_fid);
        if (!moved.empty()) by_fid_[*data_fid] = moved.mapped();
    }
    const auto found = by_fid_.find(*data_fid);
    if (found == by_fid_.end()) return;
    const bool finished = type.ends_with("_FINISH");
    event["active_operation"] = found->second;
    if (finished) by_fid_.erase(found);
}

void ActiveOperations::merge(const Json& active_operations) {
    if (!active_operations.is_object()) return;
    for (const auto& [fid, operation] : active_operations.items()) {
        if (operation.is_number_integer()) by_fid_[fid] = operation.get<std::int64_t>();
    }
}

}  // namespace csim
