// A simulated node's file system: what its base holds, and over it what was changed.
#pragma once

#include "runtime/node_types.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace csim {

/// Paths are absolute and normal: no dot segments, no trailing slash, "/" for the root.
using FileTree = std::map<std::string, NodeFile>;

/// The small system that nodes are made from when nothing else is said.
std::shared_ptr<const FileTree> ordinary_base();

/// With dot segments resolved, inside the root.
std::string normal_path(const std::string& path);

class NodeFiles {
  public:
    explicit NodeFiles(std::shared_ptr<const FileTree> base = ordinary_base()) : base_(std::move(base)) {}

    /// Follows links. Errors: not_found.
    NodeResult<NodeFile> read(const std::string& path) const;
    /// The same for a link at the end itself, with its target as content.
    NodeResult<NodeFile> look(const std::string& path) const;
    /// Requires the parent. A directory over a directory changes its mode and nothing else. Errors:
    /// not_found (the parent), exists (a file in the way of a directory, or the other way round).
    NodeResult<Done> write(const std::string& path, NodeFile file, bool append = false);
    /// Errors: not_found, busy (a directory that is not empty).
    NodeResult<Done> remove(const std::string& path);

    /// All that there is, base and changes together.
    FileTree whole() const;
    std::uint64_t delta_bytes() const;
    bool untouched() const { return delta_.empty(); }

  private:
    const NodeFile* find(const std::string& path) const;
    std::vector<std::string> entries_of(const std::string& path) const;
    NodeResult<std::string> resolved(const std::string& path) const;

    std::shared_ptr<const FileTree> base_;
    std::map<std::string, std::optional<NodeFile>> delta_;  ///< nullopt: removed
};

}  // namespace csim
