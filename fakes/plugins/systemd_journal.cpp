// Source: the reference's systemd_journal plugin.
#include "wire/reports/systemd_journal.hpp"

#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

#include <algorithm>

namespace csim {

PluginReport journal_first_report(ReportScope& of) {
    auto report = std::make_shared<JournalReport>();
    report->log_lines.push_back(of.server.greeting());
    return {{Body::of<JournalReport>(std::move(report))}};
}

PluginReport journal_next_report(ReportScope& of, bool) {
    PluginReport reports{{}, true};
    auto lines = of.server.take_log_lines();
    for (auto from = lines.begin(); from != lines.end();) {
        const auto rest = static_cast<std::size_t>(lines.end() - from);
        const auto to = from + static_cast<std::ptrdiff_t>(std::min(rest, journal_lines_max));
        auto report = std::make_shared<JournalReport>();
        report->log_lines.assign(std::make_move_iterator(from), std::make_move_iterator(to));
        reports.bodies.push_back(Body::of<JournalReport>(std::move(report)));
        from = to;
    }
    return reports;
}

}  // namespace csim
