#include "fakes/fake_power.hpp"

#include "fakes/events.hpp"
#include "fakes/fake_server.hpp"

#include <cassert>
#include <cstdio>

namespace csim {
namespace {

constexpr std::int64_t first_port = 2300;
const std::string loopback = "127.0.0.1";

std::string strip_name(std::size_t number) {
    char text[32];
    std::snprintf(text, sizeof text, "pdu%03zu", number);
    return text;
}

}  // namespace

FakePower::FakePower(const FakesContext& context, PowerTimes times)
    : context_(context), times_(times), map_(context.documents) {
    for (const std::string& name : saved_power_strips(context.documents.store())) {
        strips_[name] = std::make_unique<PowerStrip>(PowerStrip::Loaded{}, context.documents, name);
    }
}

FakePower::~FakePower() {
    for (auto& [name, strip] : strips_) {
        // What is pending stays on disk: only its timer ends with this object.
        for (const int outlet : strip->outlets()) context_.timeline.cancel(strip->timer(outlet));
    }
}

PowerStrip& FakePower::add_strip() {
    std::size_t number = 0;
    while (strips_.contains(strip_name(number))) ++number;
    auto strip = std::make_unique<PowerStrip>(
        context_.documents, strip_name(number), loopback, first_port + static_cast<std::int64_t>(number)
    );
    for (const auto& [outlet, fqdn] : map_.servers()) strip->add(outlet);
    PowerStrip& added = *(strips_[strip_name(number)] = std::move(strip));
    if (on_strip_added) on_strip_added(added);
    return added;
}

int FakePower::add_server(const std::string& fqdn) {
    const int outlet = map_.add(fqdn);
    for (auto& [name, strip] : strips_) strip->add(outlet);
    return outlet;
}

void FakePower::remove_server(const std::string& fqdn) {
    const int outlet = map_.remove(fqdn);
    if (outlet == 0) return;
    for (auto& [name, strip] : strips_) {
        cancel_pending(*strip, outlet);
        strip->remove(outlet);
    }
}

void FakePower::reconcile(const std::set<std::string>& servers) {
    if (strips_.empty() && !servers.empty()) add_strip();
    const auto mapped = map_.state().server_outlets;
    for (const auto& [fqdn, outlet] : mapped) {
        if (!servers.contains(fqdn)) remove_server(fqdn);
    }
    for (auto& [name, strip] : strips_) {
        for (const int outlet : strip->outlets()) {
            if (map_.server_at(outlet) == nullptr) strip->remove(outlet);
        }
        for (const auto& [outlet, fqdn] : map_.servers()) strip->add(outlet);
    }
    for (const std::string& fqdn : servers) add_server(fqdn);
}

void FakePower::resume() {
    for (auto& [name, strip] : strips_) {
        for (const auto& [outlet, what] : strip->pending())
            wait(*strip, outlet, what, what == OutletCommand::on ? times_.cycle : times_.delayed);
    }
}

bool FakePower::has_power(const std::string& fqdn) const {
    const int outlet = map_.outlet_of(fqdn);
    for (const auto& [name, strip] : strips_) {
        if (strip->on(outlet)) return true;
    }
    return false;
}

std::vector<PowerStrip*> FakePower::strips() const {
    std::vector<PowerStrip*> all;
    for (const auto& [name, strip] : strips_) all.push_back(strip.get());
    return all;
}

PowerStrip* FakePower::find(const std::string& name) const {
    const auto found = strips_.find(name);
    return found == strips_.end() ? nullptr : found->second.get();
}

Result<Nothing> FakePower::command(
    const std::string& name, int outlet, OutletCommand what, OutletTiming timing
) {
    PowerStrip* const strip = find(name);
    if (strip == nullptr) return Error{Errc::not_found, "there is no power strip " + name};
    if (!strip->has(outlet)) {
        return Error{Errc::not_found, "there is no outlet " + std::to_string(outlet) + " on " + name};
    }
    cancel_pending(*strip, outlet);
    if (timing == OutletTiming::delayed) {
        wait(*strip, outlet, what, times_.delayed);
    } else {
        act(*strip, outlet, what);
    }
    return Nothing{};
}

Result<Nothing> FakePower::command_server(const std::string& fqdn, OutletCommand what) {
    const int outlet = map_.outlet_of(fqdn);
    if (outlet == 0) return Error{Errc::not_found, "no outlet feeds " + fqdn};
    for (PowerStrip* strip : strips()) (void)command(strip->name(), outlet, what);
    return Nothing{};
}

void FakePower::cancel_pending(PowerStrip& strip, int outlet) {
    context_.timeline.cancel(strip.timer(outlet));
    strip.forget_pending(outlet);
}

void FakePower::wait(PowerStrip& strip, int outlet, OutletCommand what, Duration delay) {
    const auto elapsed = [this, &strip, outlet, what] {
        strip.forget_pending(outlet);
        act(strip, outlet, what);
    };
    strip.expect(outlet, what, context_.timeline.after(delay, elapsed));
}

void FakePower::act(PowerStrip& strip, int outlet, OutletCommand what) {
    if (what == OutletCommand::reboot) wait(strip, outlet, OutletCommand::on, times_.cycle);
    set(strip, outlet, what == OutletCommand::on);
}

void FakePower::set(PowerStrip& strip, int outlet, bool on) {
    if (strip.on(outlet) == on) return;
    const std::string* const server = map_.server_at(outlet);
    assert(server != nullptr);
    const std::string fqdn = *server;
    const bool had_power = has_power(fqdn);
    strip.set(outlet, on);
    context_.trace.emit(strip.name(), OutletSwitched{outlet, on});
    const bool powered = has_power(fqdn);
    if (had_power && !powered && on_power_lost) on_power_lost(fqdn);
    if (!had_power && powered && on_power_restored) on_power_restored(fqdn);
}

std::vector<Violation> FakePower::violations() const {
    std::vector<Violation> found;
    const auto wrong = [&](std::string sentence) { found.push_back({"I-15", std::move(sentence)}); };
    const OutletMapState& state = map_.state();
    for (const auto& [fqdn, outlet] : state.server_outlets) {
        const auto back = state.outlet_servers.find(outlet);
        if (back == state.outlet_servers.end() || back->second != fqdn) {
            wrong("outlet " + outlet + " of " + fqdn + " is not mapped back to it");
        }
    }
    if (state.server_outlets.size() != state.outlet_servers.size()) wrong("an outlet is mapped to no server");
    for (const PowerStrip* strip : strips()) {
        const auto outlets = strip->outlets();
        if (outlets.size() != state.outlet_servers.size())
            wrong(strip->name() + " has outlets that are not mapped");
        for (const int outlet : outlets) {
            if (map_.server_at(outlet) == nullptr) {
                wrong("outlet " + std::to_string(outlet) + " of " + strip->name() + " feeds nothing");
            }
        }
    }
    return found;
}

std::vector<Violation> power_violations(const FakePower& power, const FakeServer& server) {
    if (server.worker()) {
        if (power.outlets().outlet_of(server.fqdn()) == 0) return {};
        return {{"I-15", "the worker " + server.fqdn() + " has an outlet"}};
    }
    const Phase phase = server.phase();
    if (power.has_power(server.fqdn()) || phase == Phase::off) return {};
    return {{"I-16", server.fqdn() + " is " + std::string(phase_name(phase)) + " without power"}};
}

}  // namespace csim
