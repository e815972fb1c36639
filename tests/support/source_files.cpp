#include "tests/support/source_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace csim {

namespace {

SourceFile read(const std::filesystem::path& top, const std::filesystem::path& path) {
    const std::filesystem::path relative = path.lexically_relative(top);
    SourceFile file{relative.generic_string(), relative.begin()->string(), {}};
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    return file;
}

bool skipped(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name.starts_with("build");
}

}  // namespace

std::string SourceFile::text() const {
    std::string joined;
    for (const std::string& line : lines) joined += line + '\n';
    return joined;
}

std::vector<SourceFile> source_files(const std::vector<std::string>& endings) {
    const std::filesystem::path top = CSIM_SOURCE_DIR;
    std::vector<SourceFile> files;
    auto walk = std::filesystem::recursive_directory_iterator(top);
    for (auto entry = begin(walk); entry != end(walk); ++entry) {
        if (entry->is_directory() && skipped(entry->path())) {
            entry.disable_recursion_pending();
            continue;
        }
        const std::string name = entry->path().filename().string();
        const bool wanted = std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) {
            return name.ends_with(ending);
        });
        if (entry->is_regular_file() && wanted && !name.starts_with('.'))
            files.push_back(read(top, entry->path()));
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

}  // namespace csim
