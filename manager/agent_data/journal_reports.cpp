// systemd_journal: log lines, and what some of them tell of.
// Source: the manager API, §4.7.
#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_data/decode_body.hpp"
#include "wire/reports/systemd_journal.hpp"

namespace csim {

namespace {

/// Lines may begin with the kernel's `[timestamp] `.
std::string class_of(std::string_view message) {
    if (message.starts_with('[')) {
        auto end = message.find("] ");
        if (end != std::string_view::npos) message.remove_prefix(end + 2);
    }
    if (message.starts_with("LustreError:")) return "LUSTRE_ERROR";
    if (message.starts_with("Lustre:")) return "LUSTRE";
    return "NORMAL";
}

}  // namespace

Result<Nothing> AgentData::journal_report(std::int64_t host, const Body& body) {
    auto report = decode_body<JournalReport>(body);
    if (!report) return report.error();
    const std::string& fqdn = model_.hosts.at(host).fqdn;
    std::vector<LogLine> lines;
    lines.reserve((*report)->log_lines.size());
    for (const JournalLine& line : (*report)->log_lines) {
        lines.push_back(
            {0, line.datetime.at, fqdn, line.severity, line.facility, line.source, line.message,
             class_of(line.message)}
        );
        note_log_event(host, line.message);
    }
    model_.log.append(std::move(lines));
    return Nothing{};
}

}  // namespace csim
