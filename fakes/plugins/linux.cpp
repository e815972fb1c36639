// Source: the reference's linux plugin. Differs: sends again when the devices changed.
#include "fakes/fake_devices.hpp"
#include "fakes/fake_server.hpp"
#include "fakes/plugins/plugin.hpp"
#include "wire/body_of.hpp"

namespace csim {
namespace {

const std::shared_ptr<const BlockDevices>& devices_of(const ReportScope& of) {
    static const auto none = std::make_shared<const BlockDevices>();
    if (of.devices == nullptr || of.server.worker()) return none;
    ReportMemory& memory = of.memory;
    if (memory.devices == nullptr || memory.devices_changes != of.devices->changes()) {
        memory.devices = of.devices->nodes(of.server.fqdn());
        memory.devices_changes = of.devices->changes();
    }
    return memory.devices;
}

}  // namespace

PluginReport linux_first_report(ReportScope& of) {
    auto report = std::make_shared<LinuxReport>();
    report->devs = of.memory.sent_devices = devices_of(of);
    return {{Body::of<LinuxReport>(std::move(report))}};
}

PluginReport linux_next_report(ReportScope& of, bool full) {
    const auto& devices = devices_of(of);
    const auto& sent = of.memory.sent_devices;
    const bool unchanged = devices == sent || (sent != nullptr && *devices == *sent);
    return unchanged && !full ? PluginReport{} : linux_first_report(of);
}

}  // namespace csim
