#include "tests/connections/stage.hpp"

#include "connections/engine/own_process.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace csim::connections {

std::uint64_t descriptors_now() {
    return own_process().descriptors;
}

Stage::Stage(const SinkOptions& options)
    : sink(std::make_unique<Sink>(options, [this] { return virtual_now; })) {
    std::ofstream(folder / "ca.pem") << sink->certificate_pem();
    Target target;
    target.host = "127.0.0.1";
    target.port = sink->port();
    target.addresses = {"127.0.0.1"};
    plan.targets = {target};
    plan.connections = 1;
    plan.ramp_rate = 0;
    plan.cadence = Cadence::constant;
    plan.period = std::chrono::hours(1);
    plan.phase = Phase::aligned;
    plan.first_at_once = true;
    plan.reconnect = Reconnect::never;
    plan.ca_file = (folder / "ca.pem").string();
}

void Stage::start() {
    share = shares_of(plan, 0, plan.connections, 1).front();
    driver = std::make_unique<Driver>(plan, share, [this] { return virtual_now; });
    driver->start();
}

bool Stage::until(const std::function<bool()>& done) {
    const Nanos end = monotonic_now() + stage_patience;
    while (!done()) {
        if (monotonic_now() > end) {
            std::string told = sink->counts().json();
            for (std::size_t i = 0; i < count_kinds; ++i)
                if (const auto n = totals().counts[i]; n != 0)
                    told += " " + std::string(text_of(static_cast<Count>(i))) + "=" + std::to_string(n);
            MESSAGE("waited in vain: " << told);
            return false;
        }
        driver->step(0);
        sink->step(0);
        virtual_now += millisecond;
    }
    return true;
}

void Stage::run_for(Nanos span, bool serving) {
    for (const Nanos end = virtual_now + span; virtual_now < end; virtual_now += millisecond) {
        driver->step(0);
        if (serving) sink->step(0);
        driver->step(0);
    }
}

bool Stage::hold() {
    if (!until([this] { return driver->ramped(); })) return false;
    driver->begin_hold();
    return true;
}

bool Stage::finish() {
    driver->drain();
    last = driver->totals();
    const bool drained = driver->drained();
    driver.reset();
    const Nanos end = monotonic_now() + stage_patience;
    while (sink->counts().open > 0 && monotonic_now() < end) sink->step(millisecond);
    return drained && sink->counts().open == 0;
}

}  // namespace csim::connections
