// Opens state folders: for one process to change, or for any to read.
#include "state/checkpoint.hpp"
#include "state/disk_writer.hpp"
#include "state/document_name.hpp"
#include "state/journal.hpp"
#include "state/migration.hpp"
#include "state/recovery.hpp"
#include "state/staging_store.hpp"

#include <nlohmann/json.hpp>

#include <cassert>
#include <unistd.h>

namespace csim {

namespace {

using Path = std::filesystem::path;

[[noreturn]] void fail(const Path& folder, const std::string& what) {
    throw Fatal("state folder " + folder.string() + ": " + what);
}

void demand(const Result<Nothing>& result, const Path& folder) {
    if (!result.has_value()) fail(folder, result.error().detail);
}

class DirectoryStore final : public StagingStore {
  public:
    DirectoryStore(
        std::unique_ptr<FileLock> lock, DiskWriter::Options options, JournalFile journal,
        RecoveredFolder recovered
    )
        : StagingStore(recovered.contents),
          lock_(std::move(lock)),
          writer_(std::move(options), std::move(journal), std::move(recovered)) {}

    void commit(UniqueFunction<void()> on_durable) override {
        auto changes = take_staged();
        if (changes.empty() && !on_durable) return;
        writer_.submit({std::move(changes), std::move(on_durable)});
    }
    void flush() override {
        if (const auto error = writer_.wait_until_durable()) throw Fatal(error->detail);
    }

  private:
    std::unique_ptr<FileLock> lock_;  // Freed after the writer's last checkpoint.
    DiskWriter writer_;
};

class ReadStore final : public StagingStore {
  public:
    using StagingStore::StagingStore;
    void commit(UniqueFunction<void()>) override { assert(false && "the folder was opened for reading"); }
    void flush() override {}
};

std::unique_ptr<FileLock> take_lock(FileLayer& files, const Path& folder, const std::string& program) {
    const Json holder{{"pid", ::getpid()}, {"program", program}};
    auto lock = files.lock(folder / lock_file_name, holder.dump() + "\n");
    if (lock.has_value()) return std::move(*lock);
    if (lock.error().code != Errc::conflict) fail(folder, lock.error().detail);
    const auto present = Json::parse(lock.error().detail, nullptr, false);
    const bool known = present.is_object() && present.contains("pid") && present.contains("program");
    const auto who =
        known ? present["program"].dump() + " (pid " + present["pid"].dump() + ")" : "another process";
    fail(folder, "it is in use by " + who + "; stop that first, or use another folder");
}

FolderKind usable_kind(FileLayer& files, const Path& folder) {
    const auto kind = folder_kind(files, folder);
    if (kind != FolderKind::foreign) return kind;
    fail(
        folder,
        "it holds other files and neither version.json nor simulator.json, so it is not a state folder; "
        "choose an empty or a new one"
    );
}

void create_folder(FileLayer& files, const Path& folder) {
    demand(files.make_folders(folder), folder);
    // Several levels may be new, each a name in the one above.
    demand(files.sync_all(folder), folder);
}

/// Undoes what an interrupted process left. The recovered state does not change.
void tidy(FileLayer& files, const Path& folder, RecoveredFolder& recovered, DirectoryOptions& options) {
    for (const auto& name : recovered.temporaries) demand(files.remove(folder / name), folder);
    if (!recovered.torn_at) return;
    const auto journal = folder / recovered.journals.back();
    demand(files.truncate(journal, *recovered.torn_at), folder);
    if (options.on_note) {
        options.on_note(
            "state folder " + folder.string() + ": dropped the unfinished end of " +
            recovered.journals.back() + ", a change that was never acknowledged"
        );
    }
}

void upgrade(
    const Path& folder, RecoveredFolder& recovered, JournalFile& journal, const Schema& schema,
    DirectoryOptions& options
) {
    const int from = recovered.version;
    const auto entry = migrate(recovered.contents, from, schema, folder);
    demand(journal.append(encode_entry(entry)), folder);
    for (const auto& change : entry.changes) recovered.journaled.insert(change.name.document);
    recovered.version = schema.version;
    if (!options.on_note) return;
    options.on_note(
        "state folder " + folder.string() + ": brought from version " + std::to_string(from) +
        " to version " + std::to_string(schema.version)
    );
}

Path normal(const Path& folder) {
    auto path = std::filesystem::absolute(folder).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

bool same_oldest(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.empty() ? b.empty() : !b.empty() && a.front() == b.front();
}

}  // namespace

std::unique_ptr<StateStore> open_directory(const Path& where, Inbox& inbox, DirectoryOptions options) {
    auto& files = options.files ? *options.files : system_files();
    const auto& schema = options.schema ? *options.schema : current_schema();
    const auto folder = normal(where);
    if (usable_kind(files, folder) == FolderKind::absent) create_folder(files, folder);
    auto lock = take_lock(files, folder, options.program);
    if (usable_kind(files, folder) == FolderKind::empty) {
        demand(replace_file(files, folder / version_file_name, version_text(schema.version)), folder);
    }
    auto recovered = recover_folder(files, folder, schema.version);
    tidy(files, folder, recovered, options);
    JournalFile journal(files, folder, recovered);
    if (recovered.version < schema.version) upgrade(folder, recovered, journal, schema, options);
    DiskWriter::Options writing{
        files, folder, inbox, options.checkpoint_bytes, std::move(options.on_failure)};
    return std::make_unique<DirectoryStore>(
        std::move(lock), std::move(writing), std::move(journal), std::move(recovered)
    );
}

std::unique_ptr<StateStore> read_directory(const Path& where, const Schema& schema, FileLayer& files) {
    constexpr int attempts_max = 100;
    const auto folder = normal(where);
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        const auto kind = folder_kind(files, folder);
        if (kind == FolderKind::absent) fail(folder, "it does not exist; cluster-sim setup makes one");
        if (kind == FolderKind::empty || kind == FolderKind::foreign)
            fail(folder, "it is not a state folder");
        const auto before = journal_files(files, folder);
        try {
            auto recovered = recover_folder(files, folder, schema.version);
            if (!same_oldest(before, journal_files(files, folder))) continue;
            if (recovered.version < schema.version)
                migrate(recovered.contents, recovered.version, schema, folder);
            return std::make_unique<ReadStore>(std::move(recovered.contents));
        } catch (const Fatal&) {
            // What looks like damage may be a checkpoint that finished meanwhile.
            if (same_oldest(before, journal_files(files, folder))) throw;
        }
    }
    fail(folder, "it changes faster than it can be read; try again");
}

std::unique_ptr<StateStore> read_directory(const Path& folder) {
    return read_directory(folder, current_schema(), system_files());
}

}  // namespace csim
