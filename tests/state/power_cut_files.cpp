#include "tests/state/power_cut_files.hpp"

#include <algorithm>
#include <set>

namespace csim {

namespace {

const Error dark{Errc::io, "the power is off"};

std::string kept_of(const std::string& now, const std::string& synced, std::mt19937& chance) {
    if (!now.starts_with(synced)) return chance() % 2 == 0 ? synced : now;
    auto kept = now.substr(0, synced.size() + chance() % (now.size() - synced.size() + 1));
    // A block that never arrived reads as zeros, though the size may have.
    if (kept.size() > synced.size() && chance() % 3 == 0) {
        const auto from = synced.size() + chance() % (kept.size() - synced.size());
        const auto size = 1 + chance() % (kept.size() - from);
        std::fill_n(kept.begin() + static_cast<std::ptrdiff_t>(from), size, '\0');
    }
    return kept;
}

}  // namespace

class PowerCutFiles::File final : public OpenFile {
  public:
    File(PowerCutFiles& disk, std::shared_ptr<Content> content) : disk_(disk), content_(std::move(content)) {}
    Result<Nothing> write(std::string_view bytes) override {
        const std::lock_guard lock(disk_.mutex_);
        // What goes dark while it is written may be on disk in part.
        if (disk_.count_ < disk_.cut_at_ || disk_.cut_at_ == 0) content_->now += bytes;
        if (!disk_.power()) return dark;
        return Nothing{};
    }
    Result<Nothing> sync() override {
        const std::lock_guard lock(disk_.mutex_);
        if (!disk_.power()) return dark;
        content_->synced = content_->now;
        return Nothing{};
    }

  private:
    PowerCutFiles& disk_;
    std::shared_ptr<Content> content_;
};

bool PowerCutFiles::power() {
    ++count_;
    return cut_at_ == 0 || count_ < cut_at_;
}

void PowerCutFiles::apply(Names& names, const NameChange& change) {
    if (!change.gone.empty()) names.erase(change.gone);
    if (change.content) {
        names[change.name] = change.content;
    } else {
        names.erase(change.name);
    }
}

void PowerCutFiles::change(NameChange change) {
    apply(now_, change);
    unsynced_.push_back(std::move(change));
}

std::unique_ptr<PowerCutFiles> PowerCutFiles::after_cut(std::uint32_t seed) const {
    std::mt19937 chance(seed);
    auto names = synced_;
    const auto kept = chance() % (unsynced_.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(names, unsynced_[i]);
    auto disk = std::make_unique<PowerCutFiles>();
    for (const auto& [name, content] : names) {
        const auto text = kept_of(content->now, content->synced, chance);
        disk->now_[name] = std::make_shared<Content>(Content{text, text});
    }
    disk->synced_ = disk->now_;
    return disk;
}

Result<std::string> PowerCutFiles::read(const Path& file) {
    const std::lock_guard lock(mutex_);
    const auto found = now_.find(file.string());
    if (found == now_.end()) return Error{Errc::not_found, "no file " + file.string()};
    return found->second->now;
}

Result<std::vector<FileLayer::Child>> PowerCutFiles::children(const Path& folder) {
    const std::lock_guard lock(mutex_);
    auto prefix = folder.string();
    if (!prefix.ends_with('/')) prefix += '/';
    std::set<std::string> folders;
    std::vector<Child> found;
    for (auto at = now_.lower_bound(prefix); at != now_.end() && at->first.starts_with(prefix); ++at) {
        const auto rest = at->first.substr(prefix.size());
        const auto slash = rest.find('/');
        if (slash == rest.npos) {
            found.push_back({rest, false, true});
        } else if (folders.insert(rest.substr(0, slash)).second) {
            found.push_back({rest.substr(0, slash), true, false});
        }
    }
    return found;
}

Result<std::unique_ptr<OpenFile>> PowerCutFiles::opened(const Path& file, bool empty) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    auto& content = now_[file.string()];
    if (!content) {
        content = std::make_shared<Content>();
        unsynced_.push_back({file.string(), content, ""});
    }
    if (empty) content->now.clear();
    return std::unique_ptr<OpenFile>(std::make_unique<File>(*this, content));
}

Result<std::unique_ptr<OpenFile>> PowerCutFiles::append(const Path& file) {
    return opened(file, false);
}

Result<std::unique_ptr<OpenFile>> PowerCutFiles::create(const Path& file, Readers) {
    return opened(file, true);
}

Result<Nothing> PowerCutFiles::truncate(const Path& file, std::uint64_t size_bytes) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    auto& content = *now_.at(file.string());
    content.now.resize(size_bytes);
    content.synced = content.now;
    return Nothing{};
}

Result<Nothing> PowerCutFiles::rename(const Path& from, const Path& to) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    change({to.string(), now_.at(from.string()), from.string()});
    return Nothing{};
}

Result<Nothing> PowerCutFiles::remove(const Path& file) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    if (now_.contains(file.string())) change({file.string(), nullptr, ""});
    return Nothing{};
}

Result<Nothing> PowerCutFiles::sync_folder(const Path& folder) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    auto name = folder.string();
    if (name.ends_with('/')) name.pop_back();
    const auto inside = [&](const NameChange& c) { return Path(c.name).parent_path().string() == name; };
    for (const auto& change : unsynced_) {
        if (inside(change)) apply(synced_, change);
    }
    std::erase_if(unsynced_, inside);
    return Nothing{};
}

Result<Nothing> PowerCutFiles::sync_all(const Path&) {
    const std::lock_guard lock(mutex_);
    if (!power()) return dark;
    for (const auto& [name, content] : now_) content->synced = content->now;
    synced_ = now_;
    unsynced_.clear();
    return Nothing{};
}

Result<std::unique_ptr<FileLock>> PowerCutFiles::lock(const Path&, std::string_view) {
    return std::make_unique<FileLock>();
}

}  // namespace csim
