// What matters of the options that mkfs is given: the size and density of inodes.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string_view>

namespace csim {

struct InodeLayout {
    std::int64_t inode_size = 256;
    std::int64_t bytes_per_inode = 16384;
};

/// `-I <n>` and `-i <n>`, blanks optional, first of each. Errors: bad_argument when a number is missing or
/// senseless.
Result<InodeLayout> parse_mkfs_options(std::string_view options);

}  // namespace csim
