// Kills a process that changes a state folder, again and again on the same folder, and checks what is left:
// every acknowledged change is there, the state is a prefix of the changes, and the folder opens.
#pragma once

#include "state/faulty_files.hpp"
#include "state/state_store.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace csim {

struct CrashTotals {
    std::uint64_t rounds = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;        ///< acknowledged and not there afterwards
    std::uint64_t unreadable = 0;  ///< rounds after which the folder did not open
    std::uint64_t differing = 0;   ///< rounds after which the state was no prefix of the changes
    std::map<std::string, std::uint64_t> deaths;  ///< by how the process ended
    std::string first_problem;
};

/// Runs in a process that has no other threads, since it forks. The same seed makes the same plan; where a
/// kill hits is up to the operating system.
class CrashRounds {
  public:
    CrashRounds(std::filesystem::path folder, std::uint64_t seed, Syncs syncs);

    /// One life of the changing process, one death, one check.
    void run_one();
    const CrashTotals& totals() const { return totals_; }

  private:
    struct Plan;
    Plan make_plan();
    std::uint64_t random(std::uint64_t bound);
    std::uint64_t read_acknowledged(int pipe, int process, const Plan& plan);
    void check(std::uint64_t acknowledged);
    void problem(std::uint64_t& count, const std::string& what);

    std::filesystem::path folder_;
    std::uint64_t random_state_;
    Syncs syncs_;
    std::unique_ptr<StateStore> model_ = memory_store();
    std::uint64_t model_last_ = 0;
    CrashTotals totals_;
};

}  // namespace csim
