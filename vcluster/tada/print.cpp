#include "vcluster/tada/print.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

namespace csim {
namespace {

std::string colored(const std::string& status, bool color) {
    if (!color) return status;
    return (status == "passed"   ? "\x1b[92m"
            : status == "failed" ? "\x1b[91m"
                                 : "\x1b[93m") +
           status + "\x1b[0m";
}

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::string blanks(text.size() < width ? width - text.size() : 0, ' ');
    return right ? blanks + text : text + blanks;
}

std::string assertion_line(const TadaAssertion& each, bool right, bool color) {
    return "        " + colored(each.status, color) + " " + padded(each.number, 4, right) + " " +
           each.description + ", " + each.condition;
}

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text)
        safe += c == '<'   ? "&lt;"
                : c == '>' ? "&gt;"
                : c == '&' ? "&amp;"
                : c == '"' ? "&quot;"
                           : std::string(1, c);
    return safe;
}

}  // namespace

std::string local_time_text(std::int64_t seconds) {
    if (seconds == 0) return "-";
    const std::time_t at = seconds;
    std::tm parts{};
    ::localtime_r(&at, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

std::string tada_log_prefix(
    SimTime at, const std::string& logger, const std::string& level, bool first_form
) {
    char ms[8];
    std::snprintf(ms, sizeof ms, ",%03d", static_cast<int>(at.unix_ns() / 1'000'000 % 1000));
    const std::string when = local_time_text(at.unix_ns() / 1'000'000'000) + ms + " ";
    if (first_form) return when + padded(logger, 12, false) + " " + padded(level, 8, true) + "\t";
    return when + padded(logger, 6, false) + " " + padded(level, 7, false) + " ";
}

std::vector<std::string> tada_daemon_lines(const TadaRun& run, bool with_id, bool color) {
    std::vector<std::string> lines;
    lines.push_back(run.suite + " - [" + run.address + ":" + padded(std::to_string(run.port), 5, true) + "]");
    lines.push_back("    " + local_time_text(run.started) + " " + run.name);
    if (with_id) lines.push_back("    test-id: " + run.id);
    for (const TadaAssertion& each : run.assertions)
        lines.push_back(assertion_line(each, !each.number_is_text, color));
    return lines;
}

std::string tada_query_text(const TadaRun& run, bool color) {
    std::string text = run.suite + " - " + run.user + " - commit_id: " + run.commit + "\n";
    text += "    " + run.name + " (start:" + local_time_text(run.started) +
            ", finish: " + local_time_text(run.finished) + ")\n";
    text += "        " + run.description + "\n    test-id: " + run.id + "\n";
    for (const TadaAssertion& each : run.assertions) text += assertion_line(each, false, color) + "\n";
    return text;
}

Json tada_json(const TadaRun& run) {
    Json assertions = Json::array();
    for (const TadaAssertion& each : run.assertions)
        assertions.push_back(
            {{"no", each.number},
             {"status", each.status},
             {"cond", each.condition},
             {"desc", each.description}}
        );
    return {{"test-id", run.id},       {"suite", run.suite},   {"type", run.type},
            {"name", run.name},        {"user", run.user},     {"commit", run.commit},
            {"desc", run.description}, {"start", run.started}, {"finish", run.finished},
            {"assertions", assertions}};
}

namespace {

long count_of(const TadaRun& run, const char* status) {
    return std::count_if(run.assertions.begin(), run.assertions.end(), [&](const TadaAssertion& each) {
        return each.status == status;
    });
}

std::string verdict_of(const TadaRun& run) {
    if (count_of(run, "failed") > 0) return "failed";
    return run.finished == 0 || count_of(run, "skipped") > 0 ? "skipped" : "passed";
}

/// How many of the runs have which verdict.
std::string summary_of(const std::vector<TadaRun>& runs) {
    std::map<std::string, int> counts;
    for (const TadaRun& run : runs) ++counts[verdict_of(run)];
    std::string text;
    static const std::pair<std::string, std::string> words[] = {
        {"passed", "passed"}, {"failed", "failed"}, {"skipped", "incomplete"}};
    for (const auto& [verdict, word] : words)
        if (counts[verdict] > 0)
            text += (text.empty() ? "" : ", ") + std::string("<span class='") + verdict + "'>" +
                    std::to_string(counts[verdict]) + " " + word + "</span>";
    return text.empty() ? "" : "<p>" + std::to_string(runs.size()) + " runs: " + text + "</p>";
}

}  // namespace

std::string tada_page(const std::vector<TadaRun>& runs) {
    std::string page =
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width'><title>Test runs</title>"
        "<style>:root{color-scheme:light dark}body{font:16px "
        "system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "details{border-top:1px solid #8884;padding:.5rem 0}summary{cursor:pointer}td,th{padding:.15rem "
        ".8rem .15rem 0;text-align:left;vertical-align:top}"
        ".passed{color:#2a8a3a}.failed{color:#d03030;font-weight:600}.skipped{color:#a07000}small{opacity:.7}"
        "</style><h1>Test runs</h1>";
    page += summary_of(runs);
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        const auto count = [&](const char* status) { return count_of(*run, status); };
        const std::string verdict = verdict_of(*run);
        page += std::string("<details") + (count("failed") > 0 ? " open" : "") + "><summary><span class='" +
                verdict + "'>" + std::to_string(count("passed")) + " of " +
                std::to_string(run->assertions.size()) + " passed</span> " +
                escaped(run->suite + " / " + run->type + " / " + run->name) + " <small>" +
                escaped(run->user + ", " + run->commit + ", " + local_time_text(run->started)) +
                (run->finished == 0 ? ", unfinished" : "") + "</small></summary><p>" +
                escaped(run->description) + "</p><table>";
        for (const TadaAssertion& each : run->assertions)
            page += "<tr><td class='" + each.status + "'>" + each.status + "</td><td>" +
                    escaped(each.number) + "</td><td>" + escaped(each.description) + "</td><td>" +
                    escaped(each.condition) + "</td></tr>";
        page += "</table><small>" + escaped(run->id) + "</small></details>";
    }
    return page + (runs.empty() ? "<p>There are none.</p>" : "") + "</html>\n";
}

}  // namespace csim
