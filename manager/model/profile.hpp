// The server profiles that the manager knows: fixed rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Source: the manager API, §2.2.
struct ServerProfile {
    std::int64_t id;  ///< place in the list; the API names profiles by name
    std::string name;
    std::string ui_name;
    std::string ui_description;
    bool managed;
    bool worker;
    std::string initial_state;
    bool ntp;
    bool corosync2;
    bool pacemaker;
    bool user_selectable;
    std::vector<std::string> bundles;
    std::vector<std::string> packages;
};

/// `base_managed_rh7` first: clients without a preference take the first.
std::span<const ServerProfile> server_profiles();
/// nullptr if there is none of that name.
const ServerProfile* find_profile(std::string_view name);

}  // namespace csim
