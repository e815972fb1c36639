// `cluster-power status`: who hangs on which outlet, and which outlets are on.
#include "apps/cluster_power/commands.hpp"
#include "core/json_codec.hpp"

#include <filesystem>
#include <iostream>
#include <map>

namespace csim {
namespace {

const char* word(const OutletStatus& outlet) {
    return outlet.on ? "ON" : "OFF";
}

void write_by_strip(const std::vector<PowerStripStatus>& strips) {
    for (const PowerStripStatus& strip : strips) {
        std::cout << strip.name << ":\n";
        for (const OutletStatus& each : strip.outlets) {
            std::cout << "  " << each.server << " (" << each.outlet << "): " << word(each) << "\n";
        }
    }
}

void write_by_server(const std::vector<PowerStripStatus>& strips) {
    std::map<int, std::string> servers;
    for (const PowerStripStatus& strip : strips) {
        for (const OutletStatus& each : strip.outlets) {
            std::string& text = servers[each.outlet];
            if (text.empty()) text = each.server + "\n";
            text += "  " + strip.name + " (" + std::to_string(each.outlet) + "): " + word(each) + "\n";
        }
    }
    for (const auto& [outlet, text] : servers) std::cout << text;
}

}  // namespace

std::vector<PowerStripStatus> ask_power_status(ControlClient& simulator) {
    const auto answer = simulator.call({"pdu_list", Json::array()});
    if (!answer) throw Fatal(answer.error().detail);
    auto strips = from_json_value<std::vector<PowerStripStatus>>(answer->value, Strictness::lenient);
    if (!strips) throw Fatal("the running simulator answered strangely: " + strips.error().detail);
    return std::move(*strips);
}

int power_status_command(const std::string& folder, PowerView view) {
    if (!std::filesystem::exists(folder)) {
        throw Fatal("there is no folder " + folder + "; create a cluster with 'cluster-sim setup' first");
    }
    auto running = find_running(folder);
    if (!running) {
        std::cerr << "cluster-power: no simulator is running; this is what " << folder << " says\n";
    }
    const auto strips = running ? ask_power_status(*running) : read_power_status(folder);
    if (view == PowerView::servers) {
        write_by_server(strips);
    } else {
        write_by_strip(strips);
    }
    return 0;
}

}  // namespace csim
