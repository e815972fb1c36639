// `container_lifecycle --stop_all` and `--delete_leftovers`: what earlier runs left, and nothing else.
#include "apps/cluster_sim_benchmark/container_backend.hpp"
#include "runtime/lifecycle/lifecycle.hpp"

#include <charconv>
#include <iostream>

namespace csim {
namespace {

bool read_number(std::string_view text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

/// "all" or "S-E".
NumberRange range_of(const std::string& text) {
    NumberRange range;
    if (text == "all") return range;
    const auto dash = text.find('-');
    if (dash == std::string::npos || !read_number(std::string_view(text).substr(0, dash), range.first) ||
        !read_number(std::string_view(text).substr(dash + 1), range.last) || range.first > range.last)
        throw Fatal("--delete_leftovers is all or a range of numbers such as 1-50, not '" + text + "'", 2);
    return range;
}

}  // namespace

int container_clean_up(const ContainerOptions& o) {
    const std::string range_text = o.delete_leftovers.empty() ? "all" : o.delete_leftovers;
    const NumberRange range = range_of(range_text);
    if (const std::string backend = chosen_backend(o); backend != "lxd")
        throw Fatal(
            backend == "namespaces"
                ? "what runs on namespaces left is removed by 'cluster-sim ve takedown --leftovers'"
                : "simulated instances end with their run, so nothing is left of them; --backend lxd has "
                  "leftovers",
            2
        );
    const ContainerBackend backend(o, HostModel{});
    EventLoop& loop = *backend.loop;
    int status = 0;
    if (o.stop_all) {
        const CleanedUp did = stop_instances(loop, *backend.runtime, o.prefix);
        std::cout << did.stopped << " stopped\n";
        for (const std::string& each : did.left) std::cout << each << " does not stop\n";
        if (!did.left.empty()) status = 6;
    }
    if (o.delete_leftovers.empty()) return status;
    const CleanedUp did = clean_up_instances(loop, *backend.runtime, o.prefix, range);
    std::cout << did.removed << " removed, " << did.left.size() << " left\n";
    for (const std::string& each : did.left) std::cout << "left: " << each << "\n";
    for (const std::string& each : did.others) std::cout << "not in " << range_text << ": " << each << "\n";
    return did.left.empty() ? status : 6;
}

}  // namespace csim
