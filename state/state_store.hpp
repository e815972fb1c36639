// Durable JSON documents in one folder: journal, group commit, checkpoint, recovery. docs/state.md tells the
// whole story.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/unique_function.hpp"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

class FileLayer;
class Inbox;
struct Schema;

/// Where a value lives: a document is a file of the folder; a path is "" for the whole document, or a key
/// path of one or two steps ("devices/FAKEDEVICE000") for one entry of a document that is kept entry by
/// entry. The first `/` of a path separates the steps; the second step may hold more of them. A document is
/// kept whole or by entries, never both. Names ending in `.json` or `fake_cluster_<id>` hold JSON; names
/// ending in `.pem`, `.crt`, `.csr` hold plain text (a JSON string to callers). A `/` in a document's name is
/// a sub-folder. Other names are bugs; see state/document_name.hpp.
struct EntryName {
    std::string document;
    std::string path;
    auto operator<=>(const EntryName&) const = default;
};

/// Thread: the world's. What is put is staged, and seen by the readers below at once; commit() makes
/// everything staged one atomic change.
class StateStore {
  public:
    virtual ~StateStore() = default;

    /// Names of documents that begin with `prefix`, in ascending order.
    virtual std::vector<std::string> documents(std::string_view prefix) const = 0;
    virtual std::optional<Json> load(const EntryName& name) const = 0;
    /// The entries under `section` of a document kept by entries (key, value), ascending by key.
    virtual std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const = 0;

    virtual void put(const EntryName& name, const Json& value) = 0;
    virtual void erase(const EntryName& name) = 0;
    /// Everything staged becomes one atomic change. `on_durable` runs on the world's thread once it is on
    /// disk, in order of commits; with nothing staged, once all earlier commits are.
    virtual void commit(UniqueFunction<void()> on_durable) = 0;
    /// Blocks until everything committed is on disk; throws Fatal when the disk refused.
    virtual void flush() = 0;
};

struct DirectoryOptions {
    std::string program = "cluster-sim";  ///< named in the lock and in messages
    /// The journal is folded into the documents beyond this size, and a 4096th of it for each document in it.
    std::uint64_t checkpoint_bytes = 8u << 20;
    /// Called on the world's thread when the disk refuses: from then on nothing is acknowledged.
    UniqueFunction<void(const Error&)> on_failure;
    /// Called inside open_directory with one sentence about what recovery or migration did, if it did
    /// anything.
    UniqueFunction<void(const std::string&)> on_note;
    const Schema* schema = nullptr;  ///< null: current_schema(); must outlive open_directory()
    FileLayer* files = nullptr;      ///< null: the operating system's; must outlive the store
};

/// Opens, or creates, a state folder: takes its lock, recovers, migrates. Throws Fatal with one sentence that
/// names the folder when it is in use, newer, damaged beyond the journal's torn tail, not writable, or not a
/// state folder. `inbox` must outlive the store. Destroying the store finishes every commit and folds the
/// journal into the documents.
std::unique_ptr<StateStore> open_directory(
    const std::filesystem::path& folder, Inbox& inbox, DirectoryOptions options
);

/// Reads a folder that another process may be using, without lock or change: its last committed state at
/// about this moment. Throws Fatal as open_directory. Putting into the result is a bug.
std::unique_ptr<StateStore> read_directory(const std::filesystem::path& folder);
std::unique_ptr<StateStore> read_directory(
    const std::filesystem::path& folder, const Schema& schema, FileLayer& files
);

/// Keeps nothing beyond the process; on_durable runs inside commit().
std::unique_ptr<StateStore> memory_store();

}  // namespace csim
