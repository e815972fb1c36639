// `cluster-sim ve takedown`: all of an experiment goes, and nothing else.
#include "apps/cluster_sim/ve_options.hpp"
#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/stage.hpp"
#include "runtime/ve/experiment.hpp"

#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace csim {
namespace {

int tell_removed(const Removed& removed) {
    std::cout << removed.processes << " processes, " << removed.mounts << " mounts, " << removed.folders
              << " folders, " << removed.settings << " settings and " << removed.ledgers
              << " ledgers removed\n";
    for (const std::string& each : removed.kept) std::cerr << "cluster-sim: " << each << "\n";
    return removed.kept.empty() ? 0 : 1;
}

Removed remove_at(const std::string& folder) {
    const LedgerFolder ledgers;
    Removed removed;
    bool any = false;
    for (const Ledger& ledger : ledgers.all()) {
        if (ledger.folder != folder) continue;
        if (ledger.owner_lives())
            throw Fatal(
                "process " + std::to_string(ledger.owner_pid) + " is at work on " + folder + "; end it first"
            );
        removed = take_down(ledger, ledgers, 30s);
        any = true;
    }
    if (any) return removed;
    const auto stage = find_stage(folder, ledgers);
    throw Fatal(stage ? "nothing of ours stands at " + folder : stage.error().detail);
}

}  // namespace

int ve_takedown(const VeOptions& o) {
    if (o.backend == "simulated") {
        if (!remove_simulated_experiment(ve_folder(o)))
            throw Fatal("there is no simulated experiment in " + ve_folder(o));
        std::cout << "Removed the simulated experiment in " << ve_folder(o) << ".\n";
        return 0;
    }
    if (::geteuid() != 0) throw Fatal("taking real environments down needs root");
    int status = 0;
    if (o.leftovers) {
        status = tell_removed(remove_leftovers(LedgerFolder(), o.all, 30s));
    } else if (!o.base || find_stage(ve_folder(o), LedgerFolder())) {
        status = tell_removed(remove_at(ve_folder(o)));
    }
    if (!o.base) return status;
    if (!is_base(o.base_dir)) throw Fatal(o.base_dir + " does not bear our mark; it is left alone");
    std::filesystem::remove_all(o.base_dir);
    std::cout << "Removed the base in " << o.base_dir << ".\n";
    return status;
}

}  // namespace csim
