// What some log lines tell of: a table of texts and the events that they mean.
// Source: the manager API, §4.7.
#include "manager/agent_data/agent_data.hpp"

namespace csim {

namespace {

/// The text up to the next blank, comma or parenthesis.
std::string word_at(const std::string& text, std::size_t begin) {
    return text.substr(begin, text.find_first_of(" ,()", begin) - begin);
}

/// `testfs-MDT0000` in `Lustre: testfs-MDT0000: connection from …`.
std::string target_before(const std::string& text, std::size_t colon) {
    const auto blank = text.rfind(' ', colon);
    const std::size_t begin = blank == std::string::npos || blank >= colon ? 0 : blank + 1;
    return text.substr(begin, colon - begin);
}

std::string port_in_use(const std::string&, std::size_t, std::size_t) {
    return "Lustre port already being used";
}

/// `<uuid>@<nid>` follows.
std::string connected(const std::string& text, std::size_t at, std::size_t end) {
    const std::string client = word_at(text, end);
    const auto sign = client.find('@');
    const std::string uuid = client.substr(0, sign);
    const std::string nid = sign == std::string::npos ? "unknown" : client.substr(sign + 1);
    return "client " + uuid + " from " + nid + " connected to target " + target_before(text, at);
}

std::string evicted(const std::string& text, std::size_t, std::size_t end) {
    return "client from " + word_at(text, end) + " was evicted because it did not answer in time";
}

std::string evicted_by_hand(const std::string& text, std::size_t at, std::size_t) {
    const auto blank = at == 0 ? std::string::npos : text.rfind(' ', at - 1);
    const std::size_t begin = blank == std::string::npos ? 0 : blank + 1;
    const std::string client = text.substr(begin, at - begin);
    return "client " + client + " was evicted by an administrator";
}

struct LogEvent {
    const char* text;
    const char* type;
    const char* severity;
    std::string (*message)(const std::string& text, std::size_t at, std::size_t end);
};

// The spelling of the last but one is Lustre's own.
constexpr LogEvent log_events[] = {
    {"Can't start acceptor on port", "SyslogEvent", "ERROR", port_in_use},
    {"Can't create socket:", "SyslogEvent", "ERROR", port_in_use},
    {": connection from ", "ClientConnectEvent", "INFO", connected},
    {": evicting client at ", "ClientConnectEvent", "WARNING", evicted},
    {" at adminstrative request", "ClientConnectEvent", "WARNING", evicted_by_hand},
    {" at administrative request", "ClientConnectEvent", "WARNING", evicted_by_hand},
};

}  // namespace

void AgentData::note_log_event(std::int64_t host, const std::string& message) {
    for (const LogEvent& row : log_events) {
        const auto at = message.find(row.text);
        if (at == std::string::npos) continue;
        const std::size_t end = at + std::string_view(row.text).size();
        alerts_.event(row.type, {Kind::host, host}, row.severity, row.message(message, at, end));
        return;
    }
}

}  // namespace csim
