// The few file operations that durable state is made of, behind an interface so that tests can make any of
// them fail, die half way, or lose power. Thread-safe: the journal and a checkpoint use it at once.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// A file being written; closed when destroyed.
class OpenFile {
  public:
    virtual ~OpenFile() = default;
    /// Adds all of `bytes` at the end. After an error any part of them may be there.
    virtual Result<Nothing> write(std::string_view bytes) = 0;
    /// Returns once what was written would survive a power cut. After an error nothing is known.
    virtual Result<Nothing> sync() = 0;
};

/// Held for as long as it lives; the operating system frees it when the process dies.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

/// Errors: not_found; exhausted (disk full, quota, descriptors); io. Details name the operation, the path and
/// the reason.
class FileLayer {
  public:
    using Path = std::filesystem::path;
    struct Child {
        std::string name;
        bool folder = false;
        bool regular = false;
    };
    enum class Readers { everyone, owner };  ///< `everyone` is subject to the process's umask

    virtual ~FileLayer() = default;

    virtual Result<std::string> read(const Path& file) = 0;
    /// What is in `folder` itself, ascending by name. Symbolic links count as what they point to, but never
    /// as folders.
    virtual Result<std::vector<Child>> children(const Path& folder) = 0;

    /// Opens for writing at the end; creates a missing file for the owner alone.
    virtual Result<std::unique_ptr<OpenFile>> append(const Path& file) = 0;
    /// Opens an empty file, emptying what is there.
    virtual Result<std::unique_ptr<OpenFile>> create(const Path& file, Readers readers) = 0;
    /// Shortens and syncs.
    virtual Result<Nothing> truncate(const Path& file, std::uint64_t size_bytes) = 0;
    /// Atomic; replaces `to`. Survives a power cut after sync_folder() of the folder.
    virtual Result<Nothing> rename(const Path& from, const Path& to) = 0;
    /// No error if it is gone already.
    virtual Result<Nothing> remove(const Path& file) = 0;
    virtual Result<Nothing> make_folders(const Path& folder) = 0;
    /// Leaves a folder that is not empty alone.
    virtual Result<Nothing> remove_empty_folder(const Path& folder) = 0;
    virtual Result<Nothing> sync_folder(const Path& folder) = 0;
    /// Syncs everything written to the file system of `folder`.
    virtual Result<Nothing> sync_all(const Path& folder) = 0;

    /// Takes the lock and writes `holder` into its file. Errors: conflict, with the present holder's text as
    /// detail.
    virtual Result<std::unique_ptr<FileLock>> lock(const Path& file, std::string_view holder) = 0;
};

/// The operating system's.
FileLayer& system_files();

}  // namespace csim
