// Files of real nodes, reached so that no link in a node can lead out of it.
#pragma once

#include "runtime/namespaces/process.hpp"

namespace csim {

/// The four folders of a node: FOLDER/NAME/{delta0,work,root}.
struct NodeFolders {
    std::string lower, upper, work, root;
};
NodeFolders folders_of(const std::string& folder, const std::string& base, const std::string& name);

/// A descriptor of a node's root: of its process when it runs, else of a private overlay that nobody sees.
/// Fails with the call that refused.
NodeResult<int> open_root(const NodeProcess& process, const NodeFolders& folders);

/// `root` stays the caller's.
NodeResult<NodeFile> read_in(int root, const std::string& path);
NodeResult<Done> write_in(int root, const std::string& path, const NodeFile& file);

/// Bytes on disk below a folder, without following links or leaving its file system.
std::uint64_t disk_bytes_below(const std::string& folder);

}  // namespace csim
