#include "manager/copytool_events.hpp"

#include "core/json_codec.hpp"
#include "core/utc.hpp"
#include "manager/http_replies.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace csim {
namespace {

/// An event as it is on the wire; which members are needed depends on its type.
struct WireEvent {
    std::optional<std::string> event_time, event_type, uuid, message, level, lustre_path, source_fid,
        data_fid, error;
    std::optional<std::int64_t> active_operation, current_bytes, total_bytes;
};
BOOST_DESCRIBE_STRUCT(
    WireEvent, (),
    (event_time, event_type, uuid, message, level, lustre_path, source_fid, data_fid, error, active_operation,
     current_bytes, total_bytes)
)

using Kind = CopytoolEvent::Kind;
using Phase = CopytoolEvent::Phase;

Error missing(const char* name) {
    return {Errc::bad_argument, std::string("Missing attribute '") + name + "'"};
}

template <class Value>
struct Named {
    std::string_view name;
    Value value;
};

template <class Table>
auto find_named(const Table& table, std::string_view name) {
    return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
}

constexpr std::array<Named<CopytoolEvent::Level>, 5> levels = {{
    {"DEBUG", CopytoolEvent::Level::debug},
    {"INFO", CopytoolEvent::Level::info},
    {"WARNING", CopytoolEvent::Level::warning},
    {"ERROR", CopytoolEvent::Level::error},
    {"CRITICAL", CopytoolEvent::Level::critical},
}};
constexpr std::array<Named<CopytoolEvent::Operation>, 3> operations = {{
    {"ARCHIVE", CopytoolEvent::Operation::archive},
    {"RESTORE", CopytoolEvent::Operation::restore},
    {"REMOVE", CopytoolEvent::Operation::remove},
}};
constexpr std::array<Named<Phase>, 4> phases = {{
    {"START", Phase::start},
    {"RUNNING", Phase::running},
    {"FINISH", Phase::finish},
    {"ERROR", Phase::error},
}};

Result<CopytoolEvent> read_operation(const WireEvent& wire, CopytoolEvent event) {
    const std::string_view type = *wire.event_type;
    const std::size_t middle = std::min(type.find('_'), type.size());
    const auto operation = find_named(operations, type.substr(0, middle));
    const auto phase = find_named(phases, type.substr(std::min(middle + 1, type.size())));
    if (operation == operations.end() || phase == phases.end()) {
        return Error{Errc::bad_argument, "Unknown event type: " + *wire.event_type};
    }
    event.kind = Kind::operation;
    event.operation = operation->value;
    event.phase = phase->value;
    event.active_operation = wire.active_operation;
    event.source_fid = wire.source_fid.value_or("");
    event.data_fid = wire.data_fid.value_or("");
    event.lustre_path = wire.lustre_path.value_or("");
    event.error = wire.error.value_or("");
    event.current_bytes = wire.current_bytes;
    event.total_bytes = wire.total_bytes;
    if (event.phase == Phase::start && !wire.lustre_path) return missing("lustre_path");
    if (event.phase == Phase::start && !wire.data_fid) return missing("data_fid");
    if (event.phase == Phase::running && !wire.current_bytes) return missing("current_bytes");
    if (event.phase == Phase::running && !wire.total_bytes) return missing("total_bytes");
    return event;
}

Result<CopytoolEvent> read_logged(const WireEvent& wire, CopytoolEvent event) {
    if (!wire.message) return missing("message");
    if (!wire.level) return missing("level");
    const auto level = find_named(levels, *wire.level);
    if (level == levels.end()) return Error{Errc::bad_argument, "Unknown level: " + *wire.level};
    event.kind = Kind::logged;
    event.message = *wire.message;
    event.level = level->value;
    return event;
}

Result<CopytoolEvent> read_event(const Json& json) {
    const auto wire = from_json_value<WireEvent>(json, Strictness::lenient);
    if (!wire) return wire.error();
    if (!wire->event_type) return missing("event_type");
    if (!wire->event_time) return missing("event_time");
    const auto time = parse_utc(*wire->event_time);
    if (!time) return time.error();
    CopytoolEvent event;
    event.time = *time;
    if (*wire->event_type == "LOGGED_MESSAGE") return read_logged(*wire, std::move(event));
    if (*wire->event_type == "UNREGISTER") {
        event.kind = Kind::unregistered;
        return event;
    }
    if (*wire->event_type != "REGISTER") return read_operation(*wire, std::move(event));
    if (!wire->uuid) return missing("uuid");
    event.uuid = *wire->uuid;
    return event;
}

Result<std::vector<CopytoolEvent>> read_events(const Json& list) {
    std::vector<CopytoolEvent> events;
    for (const Json& json : list) {
        auto event = read_event(json);
        if (!event) return event.error();
        events.push_back(*std::move(event));
    }
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
        return a.time < b.time;
    });
    return events;
}

/// Applies a batch; collects what the reply tells about operations that go on.
class Batch {
  public:
    Batch(CopytoolSink& sink, std::string copytool) : sink_(sink), copytool_(std::move(copytool)) {}

    void apply(const CopytoolEvent& event) {
        switch (event.kind) {
            case Kind::registered:
                return sink_.copytool_started(copytool_, event.uuid);
            case Kind::unregistered:
                return sink_.copytool_stopped(copytool_);
            case Kind::logged:
                return sink_.copytool_logged(copytool_, event);
            case Kind::operation:
                break;
        }
        if (!sink_.copytool_is_started(copytool_)) sink_.copytool_started(copytool_, "");
        apply_operation(event);
    }
    const std::map<std::string, std::int64_t>& active() const { return active_; }

  private:
    void apply_operation(const CopytoolEvent& event) {
        if (!event.active_operation && event.phase == Phase::start) {
            active_[event.data_fid] = sink_.operation_started(copytool_, event);
            return;
        }
        const auto operation = find_operation(event);
        if (!operation) return;
        const bool over = event.phase == Phase::finish || event.phase == Phase::error;
        if (over || event.phase == Phase::running) sink_.operation_changed(copytool_, *operation, event);
        if (over) {
            active_.erase(event.data_fid);
        } else {
            active_[event.data_fid] = *operation;
        }
    }

    std::optional<std::int64_t> find_operation(const CopytoolEvent& event) {
        if (event.active_operation) {
            const bool known = sink_.knows_operation(copytool_, *event.active_operation);
            return known ? event.active_operation : std::nullopt;
        }
        // While a file is restored its data moves to another fid; the agent learns the operation's id from
        // the reply only, so events of the same batch are told apart by the fid they started with.
        const auto started = active_.find(event.source_fid);
        if (started == active_.end()) return std::nullopt;
        const std::int64_t operation = started->second;
        active_.erase(started);
        return operation;
    }

    CopytoolSink& sink_;
    std::string copytool_;
    std::map<std::string, std::int64_t> active_;
};

std::string id_text(const Json& id) {
    if (id.is_string()) return id.get<std::string>();
    return id.is_number_integer() ? id.dump() : std::string();
}

HttpReply refused(const Error& error) {
    return text_reply(400, error.detail);
}

}  // namespace

int syslog_severity(CopytoolEvent::Level level) {
    switch (level) {
        case CopytoolEvent::Level::critical:
            return 2;
        case CopytoolEvent::Level::error:
            return 3;
        case CopytoolEvent::Level::warning:
            return 4;
        case CopytoolEvent::Level::info:
            return 6;
        case CopytoolEvent::Level::debug:
            break;
    }
    return 7;
}

HttpReply take_copytool_events(CopytoolSink& sink, const std::string& fqdn, std::string_view body) {
    const auto parsed = parse_json(body);
    if (parsed.has_error()) return refused(parsed.error());
    const Json& envelope = parsed.value();
    if (!envelope.is_object()) return text_reply(400, "Expected an object");
    const auto id = envelope.find("copytool");
    if (id == envelope.end()) return refused(missing("copytool"));
    const auto list = envelope.find("events");
    if (list == envelope.end()) return refused(missing("events"));
    if (!list->is_array()) return text_reply(400, "/events: expected an array");
    const std::string copytool = id_text(*id);
    const auto host = sink.copytool_host(copytool);
    if (!host) return text_reply(400, "Unknown copytool: " + copytool);
    if (*host != fqdn) return empty_reply(403);
    const auto events = read_events(*list);
    if (!events) return refused(events.error());
    Batch batch(sink, copytool);
    for (const CopytoolEvent& event : *events) batch.apply(event);
    return json_reply(200, Json{{"active_operations", batch.active()}}.dump());
}

}  // namespace csim
