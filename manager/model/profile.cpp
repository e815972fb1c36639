// The rows of the profile table.
#include "manager/model/profile.hpp"

#include <algorithm>

namespace csim {

std::span<const ServerProfile> server_profiles() {
    static const std::vector<ServerProfile> profiles{
        {1,
         "base_managed_rh7",
         "Managed Storage Server",
         "Configured by the manager, with high availability",
         true,
         false,
         "managed",
         true,
         true,
         true,
         true,
         {"iml-agent", "external"},
         {"chroma-agent-management", "kernel-devel-lustre", "lustre-ldiskfs-zfs"}},
        {2,
         "base_monitored",
         "Monitored Storage Server",
         "Watched by the manager and never changed",
         false,
         false,
         "monitored",
         false,
         false,
         false,
         true,
         {"iml-agent"},
         {}},
        {3,
         "default",
         "Unconfigured Server",
         "Known to the manager and left alone",
         false,
         false,
         "unconfigured",
         false,
         false,
         false,
         false,
         {"iml-agent"},
         {}},
        {4,
         "posix_copytool_worker",
         "POSIX HSM Agent Node",
         "A client that runs a POSIX copytool",
         true,
         true,
         "working",
         true,
         false,
         false,
         true,
         {"iml-agent", "external"},
         {"chroma-agent-management", "lustre-client"}},
        {5,
         "robinhood_server",
         "Robinhood Policy Engine Server",
         "A client that runs the Robinhood policy engine",
         true,
         true,
         "working",
         true,
         false,
         false,
         true,
         {"iml-agent"},
         {"chroma-agent-management", "lustre-client", "robinhood-lhsm", "robinhood-webgui", "robinhood-adm"}},
    };
    return profiles;
}

const ServerProfile* find_profile(std::string_view name) {
    auto profiles = server_profiles();
    auto at = std::find_if(profiles.begin(), profiles.end(), [&](const auto& profile) {
        return profile.name == name;
    });
    return at == profiles.end() ? nullptr : &*at;
}

}  // namespace csim
