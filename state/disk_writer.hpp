// The thread that makes commits durable: everything that queued up while it wrote becomes one journal line
// and one sync. A second thread, there only while a checkpoint runs, folds full journal files into the
// documents meanwhile.
#pragma once

#include "core/event_loop.hpp"
#include "state/checkpoint.hpp"
#include "state/recovery.hpp"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace csim {

/// The newest journal file, open for appending.
class JournalFile {
  public:
    /// Continues the newest file of a recovered folder, or begins the first. Throws Fatal if it cannot be
    /// written.
    JournalFile(FileLayer& files, std::filesystem::path folder, const RecoveredFolder& recovered);

    /// Returns once the line is on disk.
    Result<Nothing> append(std::string_view payload);
    /// Goes on in a file without lines: a new one, unless the open one has none yet. Returns the names of all
    /// files before it.
    Result<std::vector<std::string>> rotate();
    /// In all files not yet rotated away.
    std::uint64_t bytes() const { return bytes_; }

  private:
    Result<Nothing> begin_file();

    FileLayer& files_;
    std::filesystem::path folder_;
    std::uint64_t next_sequence_;
    std::uint64_t bytes_;
    std::vector<std::string> names_;  ///< the last is open
    std::unique_ptr<OpenFile> open_;
};

struct Commit {
    std::vector<Change> changes;
    UniqueFunction<void()> on_durable;
};

/// Thread: the world's, for everything public.
class DiskWriter {
  public:
    struct Options {
        FileLayer& files;
        std::filesystem::path folder;
        Inbox& inbox;
        std::uint64_t checkpoint_bytes;
        UniqueFunction<void(const Error&)> on_failure;
    };
    /// `recovered` is the state that `journal` ends with.
    DiskWriter(Options options, JournalFile journal, RecoveredFolder recovered);
    /// Writes what was submitted, then a last checkpoint. Callbacks are still posted.
    ~DiskWriter();
    DiskWriter(const DiskWriter&) = delete;
    DiskWriter& operator=(const DiskWriter&) = delete;

    void submit(Commit commit);
    /// Blocks until all that was submitted is on disk; says why if it will never be.
    std::optional<Error> wait_until_durable();

  private:
    void run();
    void write(std::vector<Commit> group);
    void acknowledge(std::vector<Commit> group);
    void fail(const Error& error);
    bool has_failed();
    bool checkpoint_wanted() const;
    std::optional<Checkpoint> begin_checkpoint();
    void checkpoint_aside();
    void last_checkpoint();

    Options options_;

    // The writing thread's own.
    JournalFile journal_;
    Contents contents_;  ///< as the journal has it
    std::set<std::string> journaled_;
    std::optional<int> version_due_;  ///< for the version file
    std::thread checkpointer_;

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable work_;
    std::condition_variable idle_;
    std::vector<Commit> queue_;
    std::vector<Commit> lost_;  ///< after a failure; kept so that callbacks die on the world's thread
    std::optional<Error> failure_;
    bool writing_ = false;
    bool checkpointing_ = false;
    bool closing_ = false;

    std::thread writer_;
};

}  // namespace csim
