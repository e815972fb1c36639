// The journal's text: one line per group of commits, `<sequence> <length> <crc32c> <JSON payload>`, in files
// journal-<sequence of the first line>. Only the text; files are recovery's and the journal writer's
// business.
#pragma once

#include "core/result.hpp"
#include "state/contents.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// What one line says: all of it happened, or none.
struct JournalEntry {
    std::vector<Change> changes;
    std::optional<int> version;  ///< the schema version of the documents from here on
};

/// One line of JSON: a list of ["put", document, path, value], ["erase", document, path] and ["version",
/// number].
std::string encode_entry(const JournalEntry& entry);
/// Errors: corrupt.
Result<JournalEntry> decode_entry(std::string_view payload);

/// The whole line with its final newline.
std::string journal_line(std::uint64_t sequence, std::string_view payload);

/// A journal file taken apart.
struct JournalScan {
    std::vector<std::string_view> payloads;  ///< of lines `first`, `first` + 1, …
    std::uint64_t whole_bytes = 0;           ///< where the last whole line ends
    bool torn = false;  ///< what follows is the part of a line that never was acknowledged
    bool damaged =
        false;  ///< what follows holds whole lines beyond a broken one: acknowledged changes are lost
};

/// Lines are synced one by one, so the only line that a crash may tear is the last; a whole one behind a
/// broken one means that the file was damaged later.
JournalScan scan_journal(std::string_view text, std::uint64_t first);

std::string journal_name(std::uint64_t first);
/// The sequence in a journal file's name, or nullopt for other files.
std::optional<std::uint64_t> journal_first(std::string_view name);

}  // namespace csim
