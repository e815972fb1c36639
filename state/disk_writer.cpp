#include "state/disk_writer.hpp"

#include "state/journal.hpp"

#include <iterator>
#include <utility>

namespace csim {

JournalFile::JournalFile(FileLayer& files, std::filesystem::path folder, const RecoveredFolder& recovered)
    : files_(files),
      folder_(std::move(folder)),
      next_sequence_(recovered.next_sequence),
      bytes_(recovered.journal_bytes),
      names_(recovered.journals) {
    auto opened = Result<Nothing>(Nothing{});
    if (names_.empty()) {
        opened = begin_file();
    } else if (auto file = files_.append(folder_ / names_.back()); file.has_value()) {
        open_ = std::move(*file);
    } else {
        opened = file.error();
    }
    if (!opened.has_value()) throw Fatal("state folder " + folder_.string() + ": " + opened.error().detail);
}

Result<Nothing> JournalFile::append(std::string_view payload) {
    const auto line = journal_line(next_sequence_, payload);
    if (auto written = open_->write(line); !written.has_value()) return written;
    if (auto synced = open_->sync(); !synced.has_value()) return synced;
    ++next_sequence_;
    bytes_ += line.size();
    return Nothing{};
}

Result<std::vector<std::string>> JournalFile::rotate() {
    auto full = names_;
    if (names_.back() == journal_name(next_sequence_)) {
        // A process that died right after a rotation left it without lines. The next file would have the same
        // name, so it goes on: folded away with the others, it would take the lines still to come with it.
        full.pop_back();
    } else if (auto begun = begin_file(); !begun.has_value()) {
        return begun.error();
    }
    names_ = {names_.back()};
    bytes_ = 0;
    return full;
}

Result<Nothing> JournalFile::begin_file() {
    auto name = journal_name(next_sequence_);
    auto file = files_.append(folder_ / name);
    if (!file.has_value()) return file.error();
    if (auto synced = files_.sync_folder(folder_); !synced.has_value()) return synced;
    open_ = std::move(*file);
    names_.push_back(std::move(name));
    return Nothing{};
}

DiskWriter::DiskWriter(Options options, JournalFile journal, RecoveredFolder recovered)
    : options_(std::move(options)),
      journal_(std::move(journal)),
      contents_(std::move(recovered.contents)),
      journaled_(std::move(recovered.journaled)) {
    if (recovered.version != recovered.file_version) version_due_ = recovered.version;
    writer_ = std::thread([this] { run(); });
}

DiskWriter::~DiskWriter() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    work_.notify_one();
    writer_.join();
}

void DiskWriter::submit(Commit commit) {
    {
        const std::lock_guard lock(mutex_);
        (failure_ ? lost_ : queue_).push_back(std::move(commit));
    }
    work_.notify_one();
}

std::optional<Error> DiskWriter::wait_until_durable() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return failure_ || (queue_.empty() && !writing_); });
    return failure_;
}

void DiskWriter::run() {
    std::unique_lock lock(mutex_);
    const auto checkpoint_due = [this] { return checkpoint_wanted() && !checkpointing_ && !failure_; };
    while (true) {
        work_.wait(lock, [&] { return closing_ || !queue_.empty() || checkpoint_due(); });
        if (queue_.empty() && closing_) break;
        const bool checkpoint = checkpoint_due();
        checkpointing_ |= checkpoint;
        auto group = std::exchange(queue_, {});
        writing_ = true;
        lock.unlock();
        if (checkpoint) checkpoint_aside();
        if (!group.empty()) write(std::move(group));
        lock.lock();
        writing_ = false;
        idle_.notify_all();
    }
    lock.unlock();
    last_checkpoint();
}

void DiskWriter::write(std::vector<Commit> group) {
    JournalEntry entry;
    for (auto& commit : group) {
        std::move(commit.changes.begin(), commit.changes.end(), std::back_inserter(entry.changes));
    }
    auto written = has_failed() ? Result<Nothing>(Error{}) : Nothing{};
    if (written.has_value() && !entry.changes.empty()) {
        written = journal_.append(encode_entry(entry));
        if (!written.has_value()) fail(written.error());
    }
    if (written.has_value()) {
        for (const auto& change : entry.changes) {
            contents_.apply(change);
            journaled_.insert(change.name.document);
        }
    }
    acknowledge(std::move(group));
}

void DiskWriter::acknowledge(std::vector<Commit> group) {
    // Posted under the lock, so that nothing is acknowledged behind the news of a checkpoint that failed.
    const std::lock_guard lock(mutex_);
    if (failure_) {
        std::move(group.begin(), group.end(), std::back_inserter(lost_));
        return;
    }
    options_.inbox.post([acknowledged = std::move(group)]() mutable {
        for (auto& commit : acknowledged) {
            if (commit.on_durable) commit.on_durable();
        }
    });
}

void DiskWriter::fail(const Error& error) {
    const Error told{
        error.code, "state folder " + options_.folder.string() + ": " + error.detail +
                        "; nothing is acknowledged any more, what was acknowledged is safe"};
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    failure_ = told;
    std::move(queue_.begin(), queue_.end(), std::back_inserter(lost_));
    queue_.clear();
    idle_.notify_all();
    if (!options_.on_failure) return;
    options_.inbox.post([on_failure = std::move(options_.on_failure), told]() mutable { on_failure(told); });
}

bool DiskWriter::has_failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
}

bool DiskWriter::checkpoint_wanted() const {
    // A journal without lines has nothing to fold, and its file's name would be that of the next.
    if (journal_.bytes() == 0) return false;
    if (version_due_) return true;
    // A checkpoint makes a file for each changed document, which costs the disk about as much as two
    // kilobytes of journal. So the journal may grow with what its checkpoint will have to do.
    const std::uint64_t bytes_per_document = options_.checkpoint_bytes / 4096;
    return journal_.bytes() >= options_.checkpoint_bytes + bytes_per_document * journaled_.size();
}

std::optional<Checkpoint> DiskWriter::begin_checkpoint() {
    auto journals = journal_.rotate();
    if (!journals.has_value()) {
        fail(journals.error());
        return std::nullopt;
    }
    Checkpoint checkpoint;
    checkpoint.journals = std::move(*journals);
    checkpoint.version = std::exchange(version_due_, std::nullopt);
    for (const auto& name : std::exchange(journaled_, {})) {
        const auto* document = contents_.find(name);
        checkpoint.documents.emplace_back(name, document ? std::optional(*document) : std::nullopt);
    }
    return checkpoint;
}

void DiskWriter::checkpoint_aside() {
    if (checkpointer_.joinable()) checkpointer_.join();
    auto checkpoint = begin_checkpoint();
    if (!checkpoint) return;
    checkpointer_ = std::thread([this, work = std::move(*checkpoint)] {
        if (auto done = write_checkpoint(options_.files, options_.folder, work); !done.has_value())
            fail(done.error());
        {
            const std::lock_guard lock(mutex_);
            checkpointing_ = false;
        }
        work_.notify_one();
    });
}

void DiskWriter::last_checkpoint() {
    if (checkpointer_.joinable()) checkpointer_.join();
    if (has_failed() || journal_.bytes() == 0) return;
    const auto checkpoint = begin_checkpoint();
    if (!checkpoint) return;
    if (auto done = write_checkpoint(options_.files, options_.folder, *checkpoint); !done.has_value())
        fail(done.error());
}

}  // namespace csim
