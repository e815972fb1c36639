// Test results on disk, in the two tables that the original's tools read and write.
#pragma once

#include "vcluster/tada/run.hpp"
#include "vcluster/tada/sqlite.hpp"

#include <optional>

namespace csim {

/// Which runs are asked for. Empty fields are not looked at.
struct TadaFilter {
    std::string id, suite, type, name, user, commit;
    std::string only;        ///< a status: assertions of others are left out, and runs without any
    bool latest = true;      ///< only the last run of each suite, type, name, user and commit
    std::int64_t since = 0;  ///< started at or after
};

/// Every call is on disk when it returns. Throws Fatal.
class TadaResults {
  public:
    explicit TadaResults(const std::string& path);

    /// A run that begins, again if need be: what was stored of it before is forgotten.
    void begin(const TadaRun& run);
    void store(const std::string& id, const TadaAssertion& assertion);
    void finish(const TadaRun& run);
    /// In order of their start; assertions in natural order.
    std::vector<TadaRun> find(const TadaFilter& filter);
    /// The commit of the user's last run; empty if there is none.
    std::string last_commit(const std::string& user);
    /// Forgets all but the last run of each kind. How many.
    std::size_t purge_old();
    void purge_all();

  private:
    void make_tables();

    SqliteDatabase database_;
};

}  // namespace csim
