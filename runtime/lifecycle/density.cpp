#include "runtime/lifecycle/density.hpp"

namespace csim {
namespace {

template <class T, class Ask>
NodeResult<T> asked(EventLoop& loop, Ask&& ask) {
    std::optional<NodeResult<T>> got;
    ask([&](NodeResult<T> result) {
        got = std::move(result);
        loop.stop();
    });
    while (!got) loop.run();
    return *got;
}

}  // namespace

DensityReport Density::run(const std::function<void(const DensityStep&)>& told) {
    while (running_.size() < options_.max && !report_.reached && !stopping_) {
        DensityStep step;
        const SimTime began = timeline_.now();
        grow(std::min<std::uint64_t>(running_.size() + options_.step, options_.max));
        step.took = timeline_.now() - began;
        pause();
        report_.failed_check = check(step);
        step.good = report_.failed_check.empty();
        if (step.good) report_.limit = step.running;
        report_.reached = report_.reached || !step.good;
        report_.steps.push_back(step);
        if (told) told(step);
    }
    report_.stopped = stopping_;
    return report_;
}

void Density::grow(std::uint64_t to) {
    target_ = to;
    begun_ = running_.size();
    while (in_flight_ < options_.jobs && begun_ < target_) begin_one();
    while (in_flight_ > 0) loop_.run();
    // What was refused goes again, so that the checks see a host with whole instances only.
    for (const std::string& name : std::exchange(bad_, {})) {
        static_cast<void>(asked<Done>(loop_, [&](auto done) {
            runtime_.stop(name, 0s, options_.start_limit, std::move(done));
        }));
        static_cast<void>(asked<Done>(loop_, [&](auto done) {
            runtime_.destroy(name, options_.start_limit, std::move(done));
        }));
    }
}

void Density::begin_one() {
    ++begun_;
    ++in_flight_;
    NodeSpec spec;
    spec.name = options_.prefix + std::to_string(begun_);
    const std::string name = spec.name;
    const auto ended = [this](const std::string& who, const std::optional<NodeError>& error) {
        --in_flight_;
        if (error)
            refused(who, *error);
        else
            running_.push_back(who);
        while (!report_.reached && !stopping_ && in_flight_ < options_.jobs && begun_ < target_) begin_one();
        if (in_flight_ == 0) loop_.stop();
    };
    runtime_.create(std::move(spec), options_.start_limit, [this, name, ended](NodeResult<Done> created) {
        if (!created) return ended(name, created.error());
        runtime_.start(name, options_.start_limit, [name, ended](NodeResult<Done> up) {
            ended(name, up ? std::nullopt : std::optional(up.error()));
        });
    });
}

void Density::refused(const std::string& name, const NodeError& error) {
    report_.reached = true;
    if (!report_.why) report_.why = error;
    bad_.push_back(name);
}

void Density::pause() {
    if (options_.settle <= Duration::zero()) return;
    bool over = false;
    timeline_.after(options_.settle, [&] {
        over = true;
        loop_.stop();
    });
    while (!over) loop_.run();
}

std::string Density::check(DensityStep& step) {
    step.running = running_.size();
    const SimTime began = timeline_.now();
    const auto all = asked<std::vector<NodeInfo>>(loop_, [&](auto done) {
        runtime_.list(options_.list_limit, std::move(done));
    });
    step.list = timeline_.now() - began;
    if (!all) return "list";
    std::uint64_t up = 0;
    for (const NodeInfo& each : *all)
        up += each.name.starts_with(options_.prefix) && each.state == NodeState::running ? 1 : 0;
    if (up < running_.size()) return "state";
    const std::size_t stride =
        std::max<std::size_t>(1, running_.size() / std::max<std::size_t>(1, options_.sample));
    for (std::size_t i = 0; i < running_.size(); i += stride) {
        const auto ran = asked<ExecResult>(loop_, [&](auto done) {
            runtime_.exec(running_[i], {{"true"}}, options_.start_limit, std::move(done));
        });
        if (!ran || ran->status != 0) return "exec";
    }
    return "";
}

}  // namespace csim
