// Tar archives in memory (ustar with GNU and pax long names), and what unpacks them before.
#pragma once

#include "core/result.hpp"
#include "runtime/simulated/node_files.hpp"

#include <string>
#include <string_view>

namespace csim {

/// Regular files, directories and symlinks; hard links become copies, devices are left out. Paths are normal.
/// Fails with corrupt, or exhausted when the contents have more than `bytes_max`.
Result<FileTree> read_tar(std::string_view bytes, std::size_t bytes_max);
std::string write_tar(const FileTree& tree);

/// Whatever gzip, xz, bzip2 or zstd packed, unpacked by these programs; anything else as it is. Blocks. Fails
/// with corrupt (the program says no), io (there is no such program), exhausted (more than `bytes_max`).
Result<std::string> unpacked(std::string bytes, std::size_t bytes_max);

}  // namespace csim
