// The root file system that real nodes share.
#pragma once

#include "core/result.hpp"

#include <string>

namespace csim {

struct BuiltBase {
    std::string kind;    ///< "busybox", "host", "folder", "tar"
    std::string sha256;  ///< over the names, modes and contents of all that is in it
    std::uint64_t bytes = 0;
};

/// Makes `folder`, which must not exist, from `rootfs`: "busybox" (a static one of this machine), "host" (a
/// few programs of this machine with their libraries), "auto" (the former if there is one, else the latter),
/// a folder, or a tar archive. Errors: not_found, conflict, bad_argument (an archive that reaches outside).
/// Nothing is left behind when it fails.
Result<BuiltBase> build_base(const std::string& folder, const std::string& rootfs);

/// True if `folder` was made by build_base().
bool is_base(const std::string& folder);

}  // namespace csim
