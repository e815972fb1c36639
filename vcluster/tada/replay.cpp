#include "vcluster/tada/replay.hpp"

#include "vcluster/tada/collector.hpp"

#include <limits>
#include <sstream>

namespace csim {
namespace {

Json messages_of(const std::string& text) {
    for (const char* end : {"", "]"}) {
        Json array = Json::parse(text + end, nullptr, false);
        if (array.is_array()) return array;
    }
    Json lines = Json::array();
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            lines.push_back(Json::parse(line, nullptr, false));
    return lines;
}

}  // namespace

Result<std::vector<TadaRun>> tada_runs_of(const std::string& text) {
    std::vector<TadaRun> runs;
    TadaCollector collector(
        {[](const TadaRun&) {}, [](const TadaRun&, const TadaAssertion&) {},
         [&runs](const TadaRun& run) { runs.push_back(run); }, [](const std::string&, const std::string&) {}}
    );
    std::size_t number = 0;
    for (const Json& each : messages_of(text)) {
        ++number;
        const std::string bytes =
            each.is_object() ? each.dump(-1, ' ', false, Json::error_handler_t::replace) : "";
        if (const auto message = parse_tada_message(bytes); !message)
            return Error{
                Errc::bad_argument, "message " + std::to_string(number) + ": " + message.error().detail};
        const Json time = each.value("timestamp", Json());
        collector.receive(bytes, "", 0, time.is_number() ? static_cast<std::int64_t>(time.get<double>()) : 0);
    }
    if (number == 0) return Error{Errc::bad_argument, "there is no message in it"};
    collector.give_up(std::numeric_limits<std::int64_t>::max());
    return runs;
}

Result<Nothing> replay_tada_run(const TadaAddress& to, const TadaRun& run) {
    TadaRun fresh = run;
    fresh.assertions.clear();
    auto reporter = TadaReporter::open(to, fresh);
    if (!reporter) return reporter.error();
    for (const TadaAssertion& each : run.assertions) reporter->declare(each.number, each.description);
    if (const auto sent = reporter->start(run.started); !sent) return sent;
    for (const TadaAssertion& each : run.assertions) {
        if (each.status == "skipped") continue;
        if (const auto sent = reporter->evaluate(each.number, each.status == "passed", each.condition); !sent)
            return sent;
    }
    const auto ended = reporter->finish(run.finished == 0 ? run.started : run.finished);
    if (!ended) return ended.error();
    return Nothing{};
}

}  // namespace csim
