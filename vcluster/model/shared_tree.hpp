// A folder of this machine as simulated nodes see it: loaded when somebody looks, never written back.
#pragma once

#include "runtime/simulated/node_files.hpp"

#include <set>

namespace csim::model {

/// All nodes that mount the same folder share one tree, so that what one writes the others read.
class SharedTree {
  public:
    explicit SharedTree(std::string source);

    /// Paths are below the folder, beginning with a slash.
    NodeResult<NodeFile> read(const std::string& path);
    NodeResult<Done> write(const std::string& path, NodeFile file, bool append);
    NodeResult<Done> remove(const std::string& path);

  private:
    void load(const std::string& path);
    void load_folder(const std::string& path);

    std::string source_;
    NodeFiles files_;
    std::set<std::string> loaded_;   ///< folders whose entries are there
    std::set<std::string> pending_;  ///< files whose contents are not
};

}  // namespace csim::model
