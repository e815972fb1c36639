#include "runtime/ping_log.hpp"

#include "core/utc.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace csim {
namespace {

std::string milliseconds(Duration span) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(span.count()) / 1e6);
    return text;
}

std::string stamp(SimTime at) {
    return utc_text_seconds(at);
}

}  // namespace

JobReport read_ping_log(std::string_view text) {
    JobReport report;
    Duration sum{};
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) break;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        ++report.lines;
        const auto at = line.find(" time=");
        double ms = 0;
        if (at == std::string_view::npos ||
            std::from_chars(line.data() + at + 6, line.data() + line.size(), ms).ec != std::errc{})
            continue;
        const Duration reply(static_cast<std::int64_t>(ms * 1e6));
        report.reply_min = report.replies == 0 ? reply : std::min(report.reply_min, reply);
        report.reply_max = std::max(report.reply_max, reply);
        sum += reply;
        ++report.replies;
    }
    if (report.replies > 0) report.reply_mean = sum / static_cast<std::int64_t>(report.replies);
    return report;
}

std::string ping_log_text(
    const PingJob& job, SimTime began, std::uint64_t replies, Duration reply, bool over
) {
    const std::string ms = milliseconds(reply);
    const std::string address = job.target == "localhost" ? "127.0.0.1" : job.target;
    std::string text =
        "START at " + stamp(began) + "\nPING " + job.target + " (" + address + ") 56(84) bytes of data.\n";
    for (std::uint64_t i = 1; i <= replies; ++i)
        text +=
            "64 bytes from " + address + ": icmp_seq=" + std::to_string(i) + " ttl=64 time=" + ms + " ms\n";
    if (!over) return text;
    const auto sent = static_cast<std::uint64_t>(job.count);
    const auto lost = sent == 0 ? 0 : (sent - replies) * 100 / sent;
    text += "\n--- " + job.target + " ping statistics ---\n" + std::to_string(sent) +
            " packets transmitted, " + std::to_string(replies) + " received, " + std::to_string(lost) +
            "% packet loss\n";
    text += replies == 0 ? "\n" : "rtt min/avg/max/mdev = " + ms + "/" + ms + "/" + ms + "/0.000 ms\n";
    return text + "STOP at " + stamp(began + std::max(0, job.count - 1) * job.interval) + "\n\n";
}

}  // namespace csim
