// Reads a state folder as it is now, changing nothing: documents, then journal, hence the last committed
// state.
#pragma once

#include "state/contents.hpp"
#include "state/file_layer.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim {

enum class FolderKind {
    absent,
    empty,     ///< nothing in it, or only what an interrupted creation leaves
    ours,      ///< has a version file
    original,  ///< the original simulator's: `simulator.json` without a version file; version 0
    foreign,   ///< holds something else
};

/// Throws Fatal if the folder cannot be read.
FolderKind folder_kind(FileLayer& files, const std::filesystem::path& folder);

/// Names of our own files in a folder, beside version.json and the journal.
inline constexpr std::string_view lock_file_name = "lock";
inline constexpr std::string_view temporary_suffix = ".csim-tmp";

struct RecoveredFolder {
    Contents contents;
    std::set<std::string> journaled;    ///< documents that the journal changes: their files may be old
    int version = 0;                    ///< of the contents
    int file_version = 0;               ///< in the version file; the journal may have raised it
    std::vector<std::string> journals;  ///< file names, oldest first
    std::uint64_t next_sequence = 1;
    std::uint64_t journal_bytes = 0;
    std::optional<std::uint64_t> torn_at;  ///< the last journal file is to be cut to this size
    std::vector<std::string> temporaries;  ///< left over from an interrupted checkpoint
};

/// Requires a folder that is `ours` or `original`. Throws Fatal with one sentence if it is damaged or
/// unreadable, or of a version above `version_max`. If another process uses the folder meanwhile, the result
/// is consistent only if journal_files() began with the same name before and after.
RecoveredFolder recover_folder(FileLayer& files, const std::filesystem::path& folder, int version_max);

/// Names of the journal's files, oldest first.
std::vector<std::string> journal_files(FileLayer& files, const std::filesystem::path& folder);

/// The text of the version file.
std::string version_text(int version);

}  // namespace csim
