// An experiment of real environments under test, through the program, and what a machine has of its kind.
#pragma once

#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/namespaces/process.hpp"
#include "runtime/namespaces/stage.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

namespace csim {

struct VeStage {
    TempFolder folder;
    std::string exp = (folder / "exp").string(), base = (folder / "base").string(),
                runs = (folder / "runs").string();

    Launch launch(std::vector<std::string> arguments) {
        std::vector<std::string> all{cluster_sim_path(), "ve"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        if (arguments[0] != "createbase") all.insert(all.end(), {"--exp", exp});
        if (arguments[0] == "createbase" || arguments[0] == "setup")
            all.insert(all.end(), {"--base_dir", base});
        return {all, {{"CLUSTER_SIM_RUNS", runs}}};
    }
    Ended run(std::vector<std::string> arguments) { return run_program(launch(std::move(arguments))); }
    std::string run_id() { return LedgerFolder(runs).all().at(0).run; }
    bool nothing_left() {
        for (const Mount& mount : mounts())
            if (mount.path == exp) return false;
        return LedgerFolder(runs).all().empty() && !std::filesystem::exists(exp);
    }
    ~VeStage() { run({"takedown"}); }
};

/// Real environments can be made here; says why not otherwise.
inline bool ve_is_usable() {
    const std::string why_not = why_no_namespaces();
    if (!why_not.empty()) MESSAGE("skipped: " << why_not);
    return why_not.empty();
}

/// What a machine has of what environments are made of. Other programs' processes come and go; ours bear
/// their run's mark and are counted by it.
struct VeMachine {
    std::vector<std::string> mounts, links;
    bool operator==(const VeMachine&) const = default;
};

/// Links of this network namespace, and mounts below the experiment or of its kinds.
inline VeMachine machine_now(const std::string& exp) {
    VeMachine now;
    for (const Mount& each : mounts())
        if (each.path.starts_with(exp)) now.mounts.push_back(each.path);
    for (const auto& each : std::filesystem::directory_iterator("/sys/class/net"))
        if (const std::string name = each.path().filename(); name.starts_with("cs"))
            now.links.push_back(name);
    std::sort(now.mounts.begin(), now.mounts.end());
    std::sort(now.links.begin(), now.links.end());
    return now;
}

}  // namespace csim
