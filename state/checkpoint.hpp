// Folds journal files into the documents: temporary files, one sync, renames, one sync, then the journal
// files go.
#pragma once

#include "state/contents.hpp"
#include "state/file_layer.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace csim {

/// The documents as they were when the last of `journals` ended; nullopt: erased.
struct Checkpoint {
    std::vector<std::pair<std::string, std::optional<StoredDocument>>> documents;
    std::optional<int> version;         ///< to be written to the version file
    std::vector<std::string> journals;  ///< oldest first; removed at the end
};

/// Interrupted anywhere, the folder recovers to the same state as before, since the journal goes last.
Result<Nothing> write_checkpoint(
    FileLayer& files, const std::filesystem::path& folder, const Checkpoint& checkpoint
);

/// Writes one file so that it is there whole, or not at all, after a crash.
Result<Nothing> replace_file(FileLayer& files, const std::filesystem::path& file, std::string_view text);

}  // namespace csim
