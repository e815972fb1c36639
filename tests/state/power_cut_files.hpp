// A disk in memory whose power can be cut: what was not synced is there in part or not at all, as chance has
// it.
#pragma once

#include "state/file_layer.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace csim {

/// Models a journaling file system: names change in order, so a cut keeps some first part of the changes that
/// were not synced; of bytes not synced it keeps some first part, with zeros where a block never arrived.
class PowerCutFiles final : public FileLayer {
  public:
    /// The power goes with operation number `cut_at` (0: never); from then on everything fails.
    explicit PowerCutFiles(std::uint64_t cut_at = 0) : cut_at_(cut_at) {}

    std::uint64_t operations() const { return count_; }
    /// The disk as it is found afterwards.
    std::unique_ptr<PowerCutFiles> after_cut(std::uint32_t seed) const;

    Result<std::string> read(const Path& file) override;
    Result<std::vector<Child>> children(const Path& folder) override;
    Result<std::unique_ptr<OpenFile>> append(const Path& file) override;
    Result<std::unique_ptr<OpenFile>> create(const Path& file, Readers readers) override;
    Result<Nothing> truncate(const Path& file, std::uint64_t size_bytes) override;
    Result<Nothing> rename(const Path& from, const Path& to) override;
    Result<Nothing> remove(const Path& file) override;
    Result<Nothing> make_folders(const Path&) override { return Nothing{}; }
    Result<Nothing> remove_empty_folder(const Path&) override { return Nothing{}; }
    Result<Nothing> sync_folder(const Path& folder) override;
    Result<Nothing> sync_all(const Path& folder) override;
    Result<std::unique_ptr<FileLock>> lock(const Path& file, std::string_view holder) override;

  private:
    struct Content {
        std::string now;
        std::string synced;
    };
    using Names = std::map<std::string, std::shared_ptr<Content>>;
    struct NameChange {
        std::string name;
        std::shared_ptr<Content> content;  ///< null: the name goes
        std::string gone;                  ///< the name that goes in the same moment, if any
    };
    class File;

    bool power();
    void change(NameChange change);
    static void apply(Names& names, const NameChange& change);
    Result<std::unique_ptr<OpenFile>> opened(const Path& file, bool empty);

    std::uint64_t cut_at_;
    std::uint64_t count_ = 0;
    std::mutex mutex_;
    Names now_;
    Names synced_;
    std::vector<NameChange> unsynced_;
};

}  // namespace csim
