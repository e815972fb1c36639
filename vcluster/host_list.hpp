// Lists of hosts as Slurm writes them: node-[1-3,7].
#pragma once

#include <string>
#include <vector>

namespace csim {

/// `node-[1-3,7],x` as node-1, node-2, node-3, node-7, x. At most 65,536 names; what cannot be read is one
/// name.
std::vector<std::string> expand_hosts(const std::string& text);
/// The other way round, in the order given, neighbours joined.
std::string compress_hosts(const std::vector<std::string>& hosts);

}  // namespace csim
