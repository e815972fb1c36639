// Source: the reference's linux_network plugin. Differs: byte counters follow the clock; reading invents no
// NID.
#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {

PluginReport linux_network_report(ReportScope& of) {
    return {{Body::of<LinuxNetworkReport>(std::make_shared<const LinuxNetworkReport>(of.server.network_report(
    )))}};
}

}  // namespace csim
