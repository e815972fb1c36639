// What tests of state folders share: a fresh folder, an inbox that the test empties, and files written by
// hand.
#pragma once

#include "core/work_queue.hpp"
#include "state/faulty_files.hpp"
#include "state/state_store.hpp"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace csim {

/// A folder that is removed with the fixture; `folder` itself does not exist yet.
struct FolderFixture {
    FolderFixture();
    ~FolderFixture();
    FolderFixture(const FolderFixture&) = delete;
    FolderFixture& operator=(const FolderFixture&) = delete;

    /// Without syncs, unless `options` bring their own files.
    std::unique_ptr<StateStore> open(DirectoryOptions options = {}) {
        if (!options.files) options.files = &unsynced;
        return open_directory(folder, inbox, std::move(options));
    }
    /// The sentence of the Fatal that opening throws, or "".
    std::string refusal();
    std::string read_refusal() const;

    std::string read(const std::string& name) const;
    void write(const std::string& name, std::string_view text) const;
    /// The only journal file there is.
    std::string journal() const;
    /// Every file with its content, to see that nothing changed.
    std::string listing() const;

    std::filesystem::path scratch;
    std::filesystem::path folder;
    FaultyFiles unsynced{system_files(), {}, Syncs::skipped};
    WorkQueue inbox;
};

}  // namespace csim
