// Brings recovered contents up to the schema's version, in memory.
#pragma once

#include "state/contents.hpp"
#include "state/journal.hpp"
#include "state/schema.hpp"

#include <filesystem>

namespace csim {

/// What to write to have `contents`, which this changes, on disk too. Requires an older `version`.
/// Throws Fatal, naming `folder`, if no row begins at that version.
JournalEntry migrate(
    Contents& contents, int version, const Schema& schema, const std::filesystem::path& folder
);

}  // namespace csim
