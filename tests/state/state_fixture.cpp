#include "tests/state/state_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdlib.h>
#include <vector>

namespace csim {

FolderFixture::FolderFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "csim-state-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    scratch = pattern;
    folder = scratch / "state";
}

FolderFixture::~FolderFixture() {
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
}

std::string FolderFixture::refusal() {
    try {
        open();
        return "";
    } catch (const Fatal& fatal) {
        return fatal.what();
    }
}

std::string FolderFixture::read_refusal() const {
    try {
        read_directory(folder);
        return "";
    } catch (const Fatal& fatal) {
        return fatal.what();
    }
}

std::string FolderFixture::read(const std::string& name) const {
    std::ifstream file(folder / name, std::ios::binary);
    REQUIRE_MESSAGE(file.is_open(), name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void FolderFixture::write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
}

std::string FolderFixture::journal() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        auto name = entry.path().filename().string();
        if (name.starts_with("journal-")) names.push_back(std::move(name));
    }
    REQUIRE(names.size() == 1);
    return names.front();
}

std::string FolderFixture::listing() const {
    std::vector<std::string> lines;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const auto name = entry.path().lexically_relative(folder).string();
        lines.push_back(name + "\n" + read(name));
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const auto& line : lines) all += line + "\n";
    return all;
}

}  // namespace csim
