// What a run of real nodes has made, on disk before it is made, so that a later process can undo it.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// A setting of the kernel that was changed for a run.
struct ChangedSetting {
    std::string path;  ///< below /proc/sys
    std::string before, ours;
};

/// One run. Everything it makes bears `run`: its processes in their first argument, its file system in its
/// source, `cluster-sim:<run>`.
struct Ledger {
    std::string run;  ///< eight hex digits
    std::string folder;
    std::string base;
    std::string purpose;         ///< "ve", "benchmark", "test"
    std::int64_t owner_pid = 0;  ///< the process that is changing it now
    std::uint64_t owner_start = 0;
    bool kept = false;  ///< left up on purpose; `owner` may be gone
    std::uint64_t nodes = 0;
    bool network = false;
    std::vector<ChangedSetting> settings = {};

    std::string label() const { return "cluster-sim:" + run; }
    bool owner_lives() const;
    void own();  ///< by this process
};

/// A folder of ledgers, one file a run, 0600.
class LedgerFolder {
  public:
    /// Where the machine keeps them, or $CLUSTER_SIM_RUNS.
    static std::string usual_path();
    explicit LedgerFolder(std::string path = usual_path()) : path_(std::move(path)) {}

    /// On disk when it returns. Throws Fatal when it cannot be.
    void save(const Ledger& ledger) const;
    void remove(const Ledger& ledger) const;
    /// In the order of their names; unreadable ones are told in `complaints`.
    std::vector<Ledger> all(std::vector<std::string>* complaints = nullptr) const;
    const std::string& path() const { return path_; }

  private:
    std::string file_of(const Ledger& ledger) const { return path_ + "/" + ledger.run + ".json"; }
    std::string path_;
};

std::string new_run_id();

}  // namespace csim
