// systemd_journal: log lines, kept in memory up to a limit, oldest dropped first.
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
    for (const JournalLine& line : (*report)->log_lines) {
        // Not from the saved counters: lines are not saved either.
        const std::int64_t id = model_.log.empty() ? model_.log_dropped + 1 : model_.log.back().id + 1;
        model_.log.push_back(
            {id, line.datetime.at, fqdn, line.severity, line.facility, line.source, line.message,
             class_of(line.message)}
        );
        if (model_.log.size() > model_.log_lines_max) {
            model_.log_dropped = model_.log.front().id;
            model_.log.pop_front();
        }
    }
    return Nothing{};
}

}  // namespace csim
