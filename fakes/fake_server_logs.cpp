// Log lines of a FakeServer.
#include "core/json_codec.hpp"
#include "core/utc.hpp"
#include "fakes/fake_server.hpp"

namespace csim {
namespace {

constexpr const char* log_source = "cluster_sim";
/// More than this is dropped, oldest first: nobody reads the log of a server that cannot report.
constexpr std::size_t injected_lines_max = 10'000;

JournalLine line_at(SimTime now, std::string message) {
    // In whole microseconds, as text tells it.
    now = SimTime::from_unix_ns(now.unix_ns() / 1'000 * 1'000);
    return {{now, false}, 1, 1, log_source, std::move(message)};
}

/// An instant as the original's log lines spell it. Simulated hosts keep UTC.
std::string local_text(SimTime at) {
    std::string text = utc_text_bare(at);
    text[text.find('T')] = ' ';
    return text;
}

}  // namespace

void FakeServer::inject_log_message(std::string text) {
    if (log_lines_.size() >= injected_lines_max) log_lines_.erase(log_lines_.begin());
    log_lines_.push_back(line_at(context_.timeline.now(), std::move(text)));
}

JournalLine FakeServer::greeting() const {
    const SimTime now = context_.timeline.now();
    JournalLine line = line_at(
        now, "Lustre: Cluster simulator systemd_journal session start " + fqdn() + " " + local_text(now)
    );
    line.datetime.doubled_suffix = true;
    return line;
}

std::vector<JournalLine> FakeServer::take_log_lines() {
    std::vector<JournalLine> lines = std::exchange(log_lines_, {});
    if (log_rate_ <= 0) return lines;
    const SimTime now = context_.timeline.now();
    const std::string prefix = fqdn() + " " + local_text(now) + " ";
    for (std::int64_t i = 0; i < log_rate_; ++i) lines.push_back(line_at(now, prefix + std::to_string(i)));
    return lines;
}

}  // namespace csim
