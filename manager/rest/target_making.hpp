// Checking and making targets and filesystems that a client asks for.
// Source: the manager API, §2.15 and §2.16.
#pragma once

#include "manager/jobs/conf_params.hpp"
#include "manager/model/model.hpp"
#include "manager/rest/resource.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace csim::target_making {

/// A target as it was asked for and found to be possible.
struct Wish {
    std::string kind;
    std::int64_t volume_id = 0;
    std::int64_t filesystem_id = 0;  ///< of MDTs and OSTs
    bool reformat = false;
    bool root = false;
    std::optional<std::int64_t> inode_size;
    std::optional<std::int64_t> inode_count;
    std::optional<std::int64_t> bytes_per_inode;
    conf_params::Values params;
};

/// The sizes, flags and parameters of `given`. Throws RestStop with `{"<field>": […]}`.
Wish parse(const Json& given, const std::string& kind);
/// Nothing, or why the volume cannot hold inodes of the size that was asked for.
std::optional<std::string> inode_fault(const Model& model, const Wish& wish);
/// Nothing, or why a target of the volume cannot be made now: it has no primary node, or nothing fences its
/// server.
std::optional<std::string> place_fault(const Model& model, std::int64_t volume);
/// Nothing, or why the volume cannot be an MGT: another MGS runs on one of its servers.
std::optional<std::string> mgs_fault(const Model& model, std::int64_t volume);

/// Makes the rows; starts nothing. Requires: all of the above were asked. Returns the target's number.
std::int64_t make(Model& model, const Wish& wish);

}  // namespace csim::target_making
