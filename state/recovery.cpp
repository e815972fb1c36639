#include "state/recovery.hpp"

#include "state/document_name.hpp"
#include "state/journal.hpp"
#include "state/json_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace csim {

namespace {

// Deeper folders are somebody else's; ours go one level down.
constexpr int folder_depth_max = 4;

[[noreturn]] void fail(const std::filesystem::path& folder, const std::string& what) {
    throw Fatal("state folder " + folder.string() + ": " + what);
}

template <class T>
T demand(Result<T> result, const std::filesystem::path& folder) {
    if (!result.has_value()) fail(folder, result.error().detail);
    return std::move(*result);
}

struct Names {
    std::vector<std::string> documents;
    std::vector<std::string> temporaries;
};

class FolderReader {
  public:
    FolderReader(FileLayer& files, const std::filesystem::path& folder, int version_max)
        : files_(files), folder_(folder), version_max_(version_max) {}

    RecoveredFolder read() {
        read_version();
        collect("", 0);
        // Ours makes no hidden files, but an interrupted checkpoint leaves temporary ones anywhere.
        recovered_.temporaries = std::move(names_.temporaries);
        for (const auto& name : names_.documents) read_document(name);
        recovered_.journals = journal_files(files_, folder_);
        for (const auto& name : recovered_.journals) replay(name);
        return std::move(recovered_);
    }

  private:
    void read_version();
    void accept_version(int version);
    void collect(const std::string& prefix, int depth);
    void read_document(const std::string& name);
    void replay(const std::string& name);
    void apply(const std::string& name, std::string_view payload);

    FileLayer& files_;
    const std::filesystem::path& folder_;
    int version_max_;
    Names names_;
    RecoveredFolder recovered_;
};

void FolderReader::read_version() {
    auto text = files_.read(folder_ / version_file_name);
    if (!text.has_value() && text.error().code == Errc::not_found) return;
    const auto content = demand(std::move(text), folder_);
    const auto json = check_json(content).has_value() ? Json::parse(content) : Json();
    if (!json.is_object() || !json.contains("version") || !json["version"].is_number_integer()) {
        fail(folder_, std::string(version_file_name) + " is damaged; restore it from a copy of the folder");
    }
    recovered_.file_version = json["version"].get<int>();
    accept_version(recovered_.file_version);
}

void FolderReader::accept_version(int version) {
    if (version < 0 || version > version_max_) {
        fail(
            folder_, "it has version " + std::to_string(version) + " and this program knows versions up to " +
                         std::to_string(version_max_) + "; use the program that wrote it, or a newer one"
        );
    }
    recovered_.version = version;
}

void FolderReader::collect(const std::string& prefix, int depth) {
    auto children = files_.children(folder_ / prefix);
    // A folder emptied by somebody's checkpoint may vanish between listing and reading.
    if (depth > 0 && !children.has_value() && children.error().code == Errc::not_found) return;
    for (const auto& child : demand(std::move(children), folder_)) {
        const auto name = prefix + child.name;
        if (child.folder && !child.name.starts_with('.') && depth < folder_depth_max) {
            collect(name + "/", depth + 1);
        } else if (child.regular && child.name.ends_with(temporary_suffix)) {
            names_.temporaries.push_back(name);
        } else if (child.regular && document_kind(name) != DocumentKind::foreign) {
            names_.documents.push_back(name);
        }
    }
}

void FolderReader::read_document(const std::string& name) {
    auto text = files_.read(folder_ / name);
    // Erased by a running checkpoint; the journal that says so is still to be read.
    if (!text.has_value() && text.error().code == Errc::not_found) return;
    auto content = demand(std::move(text), folder_);
    if (document_kind(name) == DocumentKind::json) {
        if (const auto checked = check_json(content); !checked.has_value()) {
            fail(
                folder_, "document " + name + " is damaged (" + checked.error().detail +
                             "); mend it, restore it from a copy or remove it"
            );
        }
    }
    recovered_.contents.set(name, std::make_shared<const std::string>(std::move(content)));
}

void FolderReader::replay(const std::string& name) {
    const auto first = *journal_first(name);
    const bool oldest = name == recovered_.journals.front();
    const bool newest = name == recovered_.journals.back();
    if (!oldest && first != recovered_.next_sequence) {
        fail(
            folder_, "the journal file before " + name +
                         " is missing or cut short; nothing was changed, restore the folder from a copy"
        );
    }
    recovered_.next_sequence = first;
    auto read = files_.read(folder_ / name);
    // A running checkpoint removed it; read_directory notices and reads again.
    if (!read.has_value() && read.error().code == Errc::not_found) return;
    const auto text = demand(std::move(read), folder_);
    const auto scan = scan_journal(text, first);
    if (scan.damaged || (scan.torn && !newest)) {
        fail(
            folder_,
            "journal file " + name + " is damaged after byte " + std::to_string(scan.whole_bytes) +
                ", before changes that were acknowledged; nothing was changed, restore the folder from a copy"
        );
    }
    for (const auto payload : scan.payloads) apply(name, payload);
    recovered_.next_sequence = first + scan.payloads.size();
    recovered_.journal_bytes += scan.whole_bytes;
    if (scan.torn) recovered_.torn_at = scan.whole_bytes;
}

void FolderReader::apply(const std::string& name, std::string_view payload) {
    const auto entry = decode_entry(payload);
    if (!entry.has_value()) fail(folder_, "journal file " + name + ": " + entry.error().detail);
    for (const auto& change : entry->changes) {
        recovered_.contents.apply(change);
        recovered_.journaled.insert(change.name.document);
    }
    if (entry->version) accept_version(*entry->version);
}

bool left_by_creation(const FileLayer::Child& child) {
    return child.name == lock_file_name ||
           child.name == std::string(version_file_name) + std::string(temporary_suffix);
}

}  // namespace

FolderKind folder_kind(FileLayer& files, const std::filesystem::path& folder) {
    auto children = files.children(folder);
    if (!children.has_value() && children.error().code == Errc::not_found) return FolderKind::absent;
    const auto present = demand(std::move(children), folder);
    const auto has = [&](std::string_view name) {
        return std::any_of(present.begin(), present.end(), [&](auto& child) { return child.name == name; });
    };
    if (has(version_file_name)) return FolderKind::ours;
    if (has("simulator.json")) return FolderKind::original;
    if (std::all_of(present.begin(), present.end(), left_by_creation)) return FolderKind::empty;
    return FolderKind::foreign;
}

std::vector<std::string> journal_files(FileLayer& files, const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& child : demand(files.children(folder), folder)) {
        if (child.regular && journal_first(child.name)) names.push_back(child.name);
    }
    // Names have equally many digits up to 10^12 changes, and then the longer is the later.
    std::sort(names.begin(), names.end(), [](auto& a, auto& b) {
        return *journal_first(a) < *journal_first(b);
    });
    return names;
}

RecoveredFolder recover_folder(FileLayer& files, const std::filesystem::path& folder, int version_max) {
    return FolderReader(files, folder, version_max).read();
}

std::string version_text(int version) {
    return Json{{"program", "cluster-sim"}, {"version", version}}.dump(2) + "\n";
}

}  // namespace csim
