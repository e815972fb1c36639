// Where real nodes stand: a file system of their own, made, found again and taken away, never anybody else's.
#pragma once

#include "core/time.hpp"
#include "runtime/namespaces/ledger.hpp"

namespace csim {

/// A mount of this machine.
struct Mount {
    std::string path, type, source;
};
std::vector<Mount> mounts();

/// Mounts a fresh tmpfs on `ledger.folder`, which must not exist or be an empty folder without a mount.
/// `inodes` 0: as many as the kernel thinks fit. The ledger is saved before. Throws Fatal, with nothing left
/// behind.
void set_the_stage(
    const Ledger& ledger, const LedgerFolder& ledgers, const std::string& size, std::uint64_t inodes = 0
);
/// The ledger whose stage is `folder`, if it stands. Errors: not_found, conflict (a mount that is not ours).
Result<Ledger> find_stage(const std::string& folder, const LedgerFolder& ledgers);

struct Removed {
    std::size_t processes = 0, mounts = 0, folders = 0, settings = 0, ledgers = 0;
    std::vector<std::string> kept;  ///< what could not be removed, and why
    bool nothing() const { return processes + mounts + folders + settings + ledgers == 0; }
};
/// Kills what bears the run's mark, unmounts what bears its label, restores settings that are still ours,
/// forgets the ledger. Anything else stays. Twice is once.
Removed take_down(const Ledger& ledger, const LedgerFolder& ledgers, Duration limit);
/// The same for every run whose owner died in the middle. With `all`, also for runs that were left up on
/// purpose. Every run has a ledger before it has anything else.
Removed remove_leftovers(const LedgerFolder& ledgers, bool all, Duration limit);

}  // namespace csim
