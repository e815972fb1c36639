#include "sim/power_status.hpp"

namespace csim {

std::vector<PowerStripStatus> power_status(const FakePower& power) {
    std::vector<PowerStripStatus> list;
    for (const PowerStrip* strip : power.strips()) {
        PowerStripStatus status{strip->name(), strip->address(), strip->port(), {}};
        for (const int outlet : strip->outlets()) {
            const std::string* const server = power.outlets().server_at(outlet);
            status.outlets.push_back({outlet, strip->on(outlet), server == nullptr ? "" : *server, ""});
        }
        std::size_t at = 0;
        for (const auto& [outlet, what] : strip->pending()) {
            while (status.outlets[at].outlet != outlet) ++at;
            status.outlets[at].pending = boost::describe::enum_to_string(what, "");
        }
        list.push_back(std::move(status));
    }
    return list;
}

std::vector<PowerStripStatus> read_power_status(const std::filesystem::path& folder) {
    const auto store = read_directory(folder);
    Documents documents(*store);
    Timeline timeline;
    Trace trace(timeline);
    const FakePower power(FakesContext{documents, timeline, Rng(1), trace});
    return power_status(power);
}

}  // namespace csim
