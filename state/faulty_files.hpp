// The file layer with a flaw at a chosen moment, for crash tests: an operation that fails, or a process that
// dies in it.
#pragma once

#include "state/file_layer.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace csim {

/// What happens at the `at`-th operation that changes something (1 is the first; 0 never). Closing does not
/// count.
struct Fault {
    enum class Kind {
        fail,        ///< it returns `error`, and so does every later one; a write leaves its first `bytes`
        die_before,  ///< the process ends without doing it
        die_within,  ///< a write leaves its first `bytes`, then the process ends; others: as die_before
        die_after,   ///< it is done, then the process ends
    };
    Kind kind = Kind::fail;
    std::uint64_t at = 0;
    std::uint64_t bytes = 0;
    Error error{Errc::exhausted, "No space left on device"};
};

/// Only a power cut can tell a skipped sync from a real one; tests without one are quicker without syncs.
enum class Syncs { real, skipped };

/// Passes everything on to `real`, which outlives it. Processes end by _exit(status): nothing of theirs is
/// flushed.
class FaultyFiles final : public FileLayer {
  public:
    static constexpr int exit_status = 77;

    FaultyFiles(FileLayer& real, Fault fault, Syncs syncs = Syncs::real)
        : real_(real), fault_(std::move(fault)), syncs_(syncs) {}

    std::uint64_t operations() const { return count_; }
    std::uint64_t bytes_written() const { return bytes_written_; }

    Result<std::string> read(const Path& file) override { return real_.read(file); }
    Result<std::vector<Child>> children(const Path& folder) override { return real_.children(folder); }
    Result<std::unique_ptr<OpenFile>> append(const Path& file) override;
    Result<std::unique_ptr<OpenFile>> create(const Path& file, Readers readers) override;
    Result<Nothing> truncate(const Path& file, std::uint64_t size_bytes) override;
    Result<Nothing> rename(const Path& from, const Path& to) override;
    Result<Nothing> remove(const Path& file) override;
    Result<Nothing> make_folders(const Path& folder) override;
    Result<Nothing> remove_empty_folder(const Path& folder) override;
    Result<Nothing> sync_folder(const Path& folder) override;
    Result<Nothing> sync_all(const Path& folder) override;
    Result<std::unique_ptr<FileLock>> lock(const Path& file, std::string_view holder) override;

  private:
    class File;
    template <class Operation>
    auto passed_on(Operation operation) -> decltype(operation());
    template <class Sync>
    Result<Nothing> synced(Sync sync) {
        return passed_on([&]() -> Result<Nothing> { return syncs_ == Syncs::real ? sync() : Nothing{}; });
    }
    Result<Nothing> write(OpenFile& file, std::string_view bytes);

    FileLayer& real_;
    Fault fault_;
    Syncs syncs_;
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::uint64_t> bytes_written_{0};
};

}  // namespace csim
