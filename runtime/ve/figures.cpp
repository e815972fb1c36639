#include "runtime/ve/figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace csim {
namespace {

std::string dotted(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return "10." + std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c);
}

double milliseconds(Duration span) {
    return static_cast<double>(span.count()) / 1e6;
}

std::string labelled(std::string label, std::uint64_t value) {
    label.resize(std::max<std::size_t>(label.size(), 17), ' ');
    return label + ": " + std::to_string(value) + "\n";
}

}  // namespace

Result<std::string> address_of(std::uint64_t number, Addressing addressing) {
    const std::uint64_t last = addressing == Addressing::original ? original_last : wide_last;
    if (number < 1 || number > last)
        return Error{
            Errc::bad_argument, "environments are numbered from 1 to " + std::to_string(last) + ", not " +
                                    std::to_string(number)};
    if (number <= original_last) return dotted(0, number / 255, number % 255);
    // 254 hosts in each of the 256 networks of a second byte, from 10.1.0.1 on.
    const std::uint64_t beyond = number - original_last - 1;
    return dotted(1 + beyond / (254 * 256), beyond / 254 % 256, 1 + beyond % 254);
}

Percentiles percentiles_of(std::vector<Duration> spans) {
    Percentiles all;
    all.count = spans.size();
    if (spans.empty()) return all;
    std::sort(spans.begin(), spans.end());
    const auto at = [&](double share) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(spans.size())));
        return milliseconds(spans[std::clamp<std::size_t>(rank, 1, spans.size()) - 1]);
    };
    all.min = milliseconds(spans.front());
    all.p50 = at(0.5), all.p90 = at(0.9), all.p99 = at(0.99);
    all.max = milliseconds(spans.back());
    return all;
}

ExperimentFigures figures_of(const std::vector<SeenEnvironment>& seen, std::uint64_t disk_bytes, int pings) {
    ExperimentFigures figures;
    std::vector<Duration> boots, replies;
    figures.total = seen.size();
    figures.disk_bytes = disk_bytes;
    for (const SeenEnvironment& each : seen) {
        if (each.pid != 0) ++figures.with_pid;
        if (each.boot > Duration::zero()) boots.push_back(each.boot);
        if (!each.job) {
            ++figures.no_log;
            continue;
        }
        ++(each.job->lines == complete_lines(pings) ? figures.complete : figures.incomplete);
        if (each.job->replies > 0) replies.push_back(each.job->reply_mean);
    }
    figures.boot = percentiles_of(std::move(boots));
    figures.reply = percentiles_of(std::move(replies));
    return figures;
}

std::string block_text(
    const ExperimentFigures& figures, const std::string& folder, int pings, bool legacy_label
) {
    return "Disk Usage of VEs: " + human_size(figures.disk_bytes) + " " + folder + "\n" +
           labelled(legacy_label ? "Total VE direcs" : "Total VEs", figures.total) +
           labelled(std::to_string(pings) + "-ping VEs", figures.complete) +
           labelled("Incomplete VEs", figures.incomplete) + labelled("No log file VEs", figures.no_log) +
           std::to_string(figures.with_pid) + " VEs have a PID\n";
}

std::string human_size(std::uint64_t bytes) {
    if (bytes == 0) return "0";
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
    char text[32];
    const double tenths = std::ceil(value * 10 - 1e-9) / 10;
    if (unit > 0 && tenths < 10) {
        std::snprintf(text, sizeof text, "%.1f%c", tenths, "BKMGT"[unit]);
    } else {
        std::snprintf(text, sizeof text, "%.0f%c", std::ceil(value - 1e-9), "BKMGT"[unit]);
    }
    return unit == 0 ? std::string(text, std::string_view(text).size() - 1) : text;
}

}  // namespace csim
