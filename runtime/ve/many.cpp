#include "runtime/ve/many.hpp"

#include "runtime/namespaces/hub.hpp"

namespace csim {
namespace {

std::vector<std::string> names_of(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> names;
    for (std::uint64_t i = first; i <= last; ++i) names.push_back(environment_name(i));
    return names;
}

}  // namespace

std::uint64_t VeOutcome::failed() const {
    std::uint64_t sum = 0;
    for (const auto& [who, count] : refused) sum += count;
    return sum;
}

void Tally::add(const NodeResult<Done>& result) {
    ++seen_;
    if (result) {
        ++outcome_.done;
    } else {
        ++outcome_.refused[result.error().refused];
        if (outcome_.example.empty()) outcome_.example = sentence(result.error());
    }
    if (progress_ && (seen_ == all_ || seen_ % 50 == 0)) progress_(seen_, all_);
    if (seen_ == all_) loop_.stop();
}

VeOutcome Tally::wait() {
    while (seen_ < all_) loop_.run();
    return outcome_;
}

NodeSpec environment_spec(std::uint64_t number, const ExperimentSetup& setup, const ExperimentStart& start) {
    NodeSpec spec;
    spec.name = environment_name(number);
    if (setup.network) spec.address = address_of(number, setup.addressing).value();
    spec.job.count = start.pings;
    spec.job.target = start.target == "bridge" ? hub_address : start.target;
    spec.job.power_off = start.power_off;
    return spec;
}

VeOutcome start_many(
    EventLoop& loop, Timeline& timeline, NodeRuntime& runtime, const ExperimentStart& start,
    const Progress& progress
) {
    if (start.last < start.first) return {};
    Tally tally(loop, start.last - start.first + 1, progress);
    const auto answer = [&tally](const std::string&, const NodeResult<Done>& result) { tally.add(result); };
    if (start.interval == Duration::zero()) {
        runtime.start_all(names_of(start.first, start.last), start.limit, answer);
        return tally.wait();
    }
    for (std::uint64_t i = start.first; i <= start.last; ++i)
        timeline.after(static_cast<std::int64_t>(i - start.first) * start.interval, [&, i] {
            runtime.start(environment_name(i), start.limit, [&tally](NodeResult<Done> result) {
                tally.add(result);
            });
        });
    return tally.wait();
}

VeOutcome stop_many(
    EventLoop& loop, NodeRuntime& runtime, std::uint64_t first, std::uint64_t last, Duration grace,
    Duration limit, const Progress& progress
) {
    if (last < first) return {};
    Tally tally(loop, last - first + 1, progress);
    runtime.stop_all(
        names_of(first, last), grace, limit,
        [&tally](const std::string&, const NodeResult<Done>& result) { tally.add(result); }
    );
    return tally.wait();
}

}  // namespace csim
