#include "apps/cluster_sim/proxy_warning.hpp"

#include <cstdlib>
#include <iostream>

namespace csim {

/// Their values may hold a password, so only names are told.
void warn_of_proxy() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        if (const char* proxy = std::getenv(name); proxy == nullptr || *proxy == '\0') continue;
        std::cerr << "cluster-sim: " << name << " is set; it is ignored, the manager is reached directly\n";
    }
}

}  // namespace csim
