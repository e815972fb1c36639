// Actions on LNet.
#include "fakes/actions/action.hpp"

namespace csim {
namespace {

struct LnetInterfaces {
    std::optional<std::string> state;
    std::optional<std::vector<std::string>> modprobe_entries;
    std::vector<std::tuple<std::string, std::string, std::optional<std::int64_t>>> network_interfaces;
};
BOOST_DESCRIBE_STRUCT(LnetInterfaces, (), (state, modprobe_entries, network_interfaces))

struct ConfigureLnet {
    LnetInterfaces lnet_configuration;
};
BOOST_DESCRIBE_STRUCT(ConfigureLnet, (), (lnet_configuration))

template <void (FakeServer::*change)()>
Result<Nothing> change_lnet(ActionScope& on, const NoArguments&) {
    (on.server.*change)();
    return Nothing{};
}

Result<Nothing> configure_lnet(ActionScope& on, const ConfigureLnet& args) {
    std::vector<NidSetting> nids;
    for (const auto& [address, lnd_type, lnd_network] : args.lnet_configuration.network_interfaces) {
        nids.push_back({address, lnd_type, lnd_network});
    }
    return on.server.configure_lnet(nids);
}

}  // namespace

std::vector<ActionSpec> lnet_actions() {
    using enum ActionKind;
    constexpr ActionColumns moment{.takes = 50ms};
    return {
        action<change_lnet<&FakeServer::load_lnet>>("load_lnet", change, moment, "Loads LNet, down."),
        action<change_lnet<&FakeServer::start_lnet>>("start_lnet", change, moment, "Takes LNet up."),
        action<change_lnet<&FakeServer::stop_lnet>>("stop_lnet", change, moment, "Takes LNet down."),
        action<change_lnet<&FakeServer::unload_lnet>>("unload_lnet", change, moment, "Unloads LNet."),
        action<configure_lnet>("configure_lnet", change, {}, "Replaces all NIDs by those listed."),
        action<change_lnet<&FakeServer::unconfigure_lnet>>(
            "unconfigure_lnet", change, {}, "Takes the NIDs off all interfaces."
        ),
    };
}

}  // namespace csim
