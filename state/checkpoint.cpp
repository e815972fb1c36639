#include "state/checkpoint.hpp"

#include "state/document_name.hpp"
#include "state/recovery.hpp"

#include <memory>
#include <set>

namespace csim {

namespace {

// Beyond this many files one syncfs is cheaper than a sync for each.
constexpr std::size_t single_syncs_max = 8;

std::filesystem::path temporary_of(std::filesystem::path file) {
    return file += temporary_suffix;
}

// Private keys are their owner's. The journal, which holds them too, always is.
FileLayer::Readers readers_of(const std::filesystem::path& file) {
    return file.extension() == ".pem" ? FileLayer::Readers::owner : FileLayer::Readers::everyone;
}

Result<Nothing> write_temporary(
    FileLayer& files, const std::filesystem::path& file, std::string_view text, bool sync
) {
    auto open = files.create(temporary_of(file), readers_of(file));
    if (!open.has_value()) return open.error();
    if (auto written = (*open)->write(text); !written.has_value()) return written;
    return sync ? (*open)->sync() : Nothing{};
}

class CheckpointWriter {
  public:
    CheckpointWriter(FileLayer& files, const std::filesystem::path& folder, const Checkpoint& checkpoint)
        : files_(files), folder_(folder), checkpoint_(checkpoint) {}

    Result<Nothing> run() {
        using Step = Result<Nothing> (CheckpointWriter::*)();
        for (const Step step :
             {&CheckpointWriter::write_temporaries, &CheckpointWriter::rename_temporaries,
              &CheckpointWriter::remove_erased, &CheckpointWriter::sync_folders,
              &CheckpointWriter::write_version, &CheckpointWriter::remove_journals}) {
            if (auto done = (this->*step)(); !done.has_value()) return done;
        }
        return Nothing{};
    }

  private:
    bool many() const { return checkpoint_.documents.size() > single_syncs_max; }
    Result<Nothing> write_temporaries();
    void touch_folders_of(const std::string& name);
    Result<Nothing> rename_temporaries();
    Result<Nothing> remove_erased();
    Result<Nothing> sync_folders();
    Result<Nothing> write_version();
    Result<Nothing> remove_journals();

    FileLayer& files_;
    const std::filesystem::path& folder_;
    const Checkpoint& checkpoint_;
    std::set<std::filesystem::path> touched_;  ///< folders with new names in them
};

// A folder made or removed is itself a name in the one above.
void CheckpointWriter::touch_folders_of(const std::string& name) {
    auto folder = std::filesystem::path(name).parent_path();
    for (; !folder.empty(); folder = folder.parent_path()) touched_.insert(folder_ / folder);
    touched_.insert(folder_);
}

Result<Nothing> CheckpointWriter::write_temporaries() {
    for (const auto& [name, document] : checkpoint_.documents) {
        if (!document) continue;
        const auto file = folder_ / name;
        touch_folders_of(name);
        if (file.parent_path() != folder_) {
            if (auto made = files_.make_folders(file.parent_path()); !made.has_value()) return made;
        }
        auto written = write_temporary(files_, file, document->file_text(name), !many());
        if (!written.has_value()) return written;
    }
    return many() ? files_.sync_all(folder_) : Nothing{};
}

Result<Nothing> CheckpointWriter::rename_temporaries() {
    for (const auto& [name, document] : checkpoint_.documents) {
        if (!document) continue;
        const auto file = folder_ / name;
        if (auto renamed = files_.rename(temporary_of(file), file); !renamed.has_value()) return renamed;
    }
    return Nothing{};
}

Result<Nothing> CheckpointWriter::remove_erased() {
    for (const auto& [name, document] : checkpoint_.documents) {
        if (document) continue;
        touch_folders_of(name);
        const auto file = folder_ / name;
        if (auto removed = files_.remove(file); !removed.has_value()) return removed;
        if (std::filesystem::path(name).parent_path().empty()) continue;
        if (auto removed = files_.remove_empty_folder(file.parent_path()); !removed.has_value())
            return removed;
    }
    return Nothing{};
}

Result<Nothing> CheckpointWriter::sync_folders() {
    if (many()) return files_.sync_all(folder_);
    for (const auto& touched : touched_) {
        auto synced = files_.sync_folder(touched);
        // Not found: emptied and removed above, which the sync of its parent keeps.
        if (!synced.has_value() && synced.error().code != Errc::not_found) return synced;
    }
    return Nothing{};
}

Result<Nothing> CheckpointWriter::write_version() {
    if (!checkpoint_.version) return Nothing{};
    return replace_file(files_, folder_ / version_file_name, version_text(*checkpoint_.version));
}

Result<Nothing> CheckpointWriter::remove_journals() {
    // Oldest first and one by one on disk: what remains is always the unbroken end of the journal.
    for (const auto& journal : checkpoint_.journals) {
        if (auto removed = files_.remove(folder_ / journal); !removed.has_value()) return removed;
        if (auto synced = files_.sync_folder(folder_); !synced.has_value()) return synced;
    }
    return Nothing{};
}

}  // namespace

Result<Nothing> write_checkpoint(
    FileLayer& files, const std::filesystem::path& folder, const Checkpoint& checkpoint
) {
    return CheckpointWriter(files, folder, checkpoint).run();
}

Result<Nothing> replace_file(FileLayer& files, const std::filesystem::path& file, std::string_view text) {
    if (auto written = write_temporary(files, file, text, true); !written.has_value()) return written;
    if (auto renamed = files.rename(temporary_of(file), file); !renamed.has_value()) return renamed;
    return files.sync_folder(file.parent_path());
}

}  // namespace csim
