// Source: the reference's linux_network plugin. Differs: byte counters follow the clock; reading invents no
// NID.
#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {

PluginReport linux_network_report(ReportScope& of) {
    of.server.fill_network_report(of.memory.network.next());
    return {{of.memory.network.body()}};
}

}  // namespace csim
