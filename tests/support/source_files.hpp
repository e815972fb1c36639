// The project's own sources, for tests that read them.
#pragma once

#include <string>
#include <vector>

namespace csim {

struct SourceFile {
    std::string path;    ///< relative to the top, with forward slashes
    std::string folder;  ///< the first step of the path
    std::vector<std::string> lines;

    std::string text() const;
};

/// Every file below the project's top-level source folders whose name ends in one of `endings`, ascending by
/// path. Build folders and hidden files are left out.
std::vector<SourceFile> source_files(const std::vector<std::string>& endings);

}  // namespace csim
