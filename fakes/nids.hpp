// Lustre network identifiers as text: `<address>@<type><network>`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// NIDs of one server each.
using NidGroups = std::vector<std::vector<std::string>>;

/// `tcp0` of `10.0.0.1@tcp`: network 0 may be left out.
std::string nid_network(std::string_view nid);
/// The same NID with its network spelled out.
std::string canonical_nid(std::string_view nid);
/// Whether two sets of groups have a NID in common.
bool intersect(const std::vector<std::string>& one, const std::vector<std::string>& other);
std::vector<std::string> all_nids(const NidGroups& groups);

/// The text of NID groups: NIDs of a group sorted and joined by `,`, groups sorted and joined by `:`.
std::string nid_groups_text(const NidGroups& groups);
NidGroups parse_nid_groups(std::string_view text);

}  // namespace csim
