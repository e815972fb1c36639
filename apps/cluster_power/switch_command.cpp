// `cluster-power pdu` and `cluster-power server`: switch, then look whether it happened.
#include "apps/cluster_power/commands.hpp"
#include "core/event_loop.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace csim {
namespace {

/// Longer than an outlet stays off while it is rebooted.
constexpr int looks_max = 150;
constexpr Duration between_looks = 200ms;

ControlClient require_running(const std::string& folder) {
    if (!std::filesystem::exists(folder)) {
        throw Fatal("there is no folder " + folder + "; create a cluster with 'cluster-sim setup' first");
    }
    auto running = find_running(folder);
    if (!running) {
        throw Fatal(
            "no simulator is running " + folder + "; start it with 'cluster-sim run'", status_not_running
        );
    }
    return std::move(*running);
}

void call(ControlClient& simulator, const RpcCall& what) {
    if (const auto answer = simulator.call(what); !answer) throw Fatal(answer.error().detail);
}

/// What has to be looked at: outlets of one strip, or of all when `strip` is empty.
struct Switched {
    std::string strip;
    std::set<int> outlets;
    bool wanted_on = true;

    bool concerns(const PowerStripStatus& status, const OutletStatus& outlet) const {
        return (strip.empty() || strip == status.name) && outlets.contains(outlet.outlet);
    }
};

/// The outlets that are not yet as wanted, as text; empty when all are.
std::string pending(const std::vector<PowerStripStatus>& strips, const Switched& switched) {
    std::string text;
    for (const PowerStripStatus& strip : strips) {
        for (const OutletStatus& outlet : strip.outlets) {
            if (!switched.concerns(strip, outlet)) continue;
            if (outlet.on == switched.wanted_on && outlet.pending.empty()) continue;
            text += (text.empty() ? "" : ", ") + strip.name + " outlet " + std::to_string(outlet.outlet);
        }
    }
    return text;
}

int verify(ControlClient& simulator, const Switched& switched, bool takes_time) {
    std::string late;
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime());
    for (int look = 0; look < (takes_time ? looks_max : 1); ++look) {
        if (look > 0) loop.run_until(timeline.now() + between_looks);
        late = pending(ask_power_status(simulator), switched);
        if (late.empty()) return 0;
    }
    throw Fatal(
        "the command was taken, but these are not " + std::string(switched.wanted_on ? "on" : "off") + ": " +
        late
    );
}

bool is_all(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name == "all";
}

/// Servers to switch, by outlet.
std::map<int, std::string> chosen(const std::vector<PowerStripStatus>& strips, const std::string& server) {
    std::map<int, std::string> found;
    for (const PowerStripStatus& strip : strips) {
        for (const OutletStatus& outlet : strip.outlets) {
            if (is_all(server) || outlet.server == server) found[outlet.outlet] = outlet.server;
        }
    }
    return found;
}

}  // namespace

int switch_outlet_command(
    const std::string& folder, const std::string& strip, int outlet, const std::string& action
) {
    ControlClient simulator = require_running(folder);
    call(simulator, {"pdu_set", Json::array({strip, outlet, action})});
    return verify(simulator, {strip, {outlet}, action != "off"}, action == "reboot");
}

int switch_server_command(const std::string& folder, const std::string& server, const std::string& action) {
    ControlClient simulator = require_running(folder);
    const auto servers = chosen(ask_power_status(simulator), server);
    if (servers.empty() && !is_all(server)) throw Fatal("no outlet feeds " + server);
    Switched switched{"", {}, action != "off"};
    for (const auto& [outlet, fqdn] : servers) {
        call(simulator, {"server_power", Json::array({fqdn, action})});
        switched.outlets.insert(outlet);
    }
    return verify(simulator, switched, action == "reboot");
}

}  // namespace csim
