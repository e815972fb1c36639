// Actions on the machine: power, profile, packages, time, repositories, firewall.
#include "fakes/actions/action.hpp"

namespace csim {
namespace {

struct Reboot {
    std::optional<std::string> at_time;
};
BOOST_DESCRIBE_STRUCT(Reboot, (), (at_time))

struct ShutDown {
    std::optional<bool> halt;
    std::optional<std::string> at_time;
};
BOOST_DESCRIBE_STRUCT(ShutDown, (), (halt, at_time))

struct UpdateProfile {
    Json profile;
};
BOOST_DESCRIBE_STRUCT(UpdateProfile, (), (profile))

struct InstallPackages {
    std::vector<std::string> repos;
    std::vector<std::string> packages;
};
BOOST_DESCRIBE_STRUCT(InstallPackages, (), (repos, packages))

struct GetPackageVersion {
    std::string package;
};
BOOST_DESCRIBE_STRUCT(GetPackageVersion, (), (package))

struct ConfigureNtp {
    std::string ntp_server;
};
BOOST_DESCRIBE_STRUCT(ConfigureNtp, (), (ntp_server))

struct ConfigureRepo {
    std::string filename;
    std::string file_contents;
};
BOOST_DESCRIBE_STRUCT(ConfigureRepo, (), (filename, file_contents))

struct KernelStatus {
    std::string running = "fake_kernel-0.1";
    std::string required = "fake_kernel-0.1";
    std::vector<std::string> available{"fake_kernel-0.1"};
};
BOOST_DESCRIBE_STRUCT(KernelStatus, (), (running, required, available))

struct Firewall {
    std::int64_t port = 0;
    std::optional<std::string> address;
    std::string proto;
    std::optional<std::string> description;
    std::optional<bool> persist;

    std::string key() const { return std::to_string(port) + "/" + proto; }
};
BOOST_DESCRIBE_STRUCT(Firewall, (), (port, address, proto, description, persist))

Result<Nothing> update_profile(ActionScope& on, const UpdateProfile& args) {
    if (!args.profile.is_object()) return Error{Errc::bad_argument, "/profile: expected an object"};
    const auto name = args.profile.find("name");
    if (name == args.profile.end() || !name->is_string()) {
        return Error{Errc::bad_argument, "/profile/name: expected a text"};
    }
    on.server.edit([&](ServerState& server) { server.profile_name = name->get<std::string>(); });
    return Nothing{};
}

Result<PackagesReport> scan_packages(ActionScope& on, const NoArguments&) {
    return *on.server.packages();
}

Result<PackagesReport> install_packages(ActionScope& on, const InstallPackages& args) {
    const auto installed = on.server.install(args.packages);
    if (!installed) return installed.error();
    return *on.server.packages();
}

Result<PackageVersion> package_version(ActionScope& on, const GetPackageVersion& args) {
    return on.server.installed_version(args.package);
}

Result<Nothing> configure_ntp(ActionScope& on, const ConfigureNtp& args) {
    on.server.edit([&](ServerState& server) { server.ntp_server = args.ntp_server; });
    return Nothing{};
}

Result<Nothing> unconfigure_ntp(ActionScope& on, const NoArguments&) {
    on.server.edit([](ServerState& server) { server.ntp_server.reset(); });
    return Nothing{};
}

Result<Nothing> configure_repo(ActionScope& on, const ConfigureRepo& args) {
    on.server.edit([&](ServerState& server) { server.repos[args.filename] = args.file_contents; });
    return Nothing{};
}

Result<KernelStatus> kernel_status(ActionScope&, const NoArguments&) {
    return KernelStatus{};
}

Result<Nothing> open_firewall(ActionScope& on, const Firewall& args) {
    on.server.edit([&](ServerState& server) { server.open_ports[args.key()] = args.description.value_or(""); }
    );
    return Nothing{};
}

Result<Nothing> close_firewall(ActionScope& on, const Firewall& args) {
    on.server.edit([&](ServerState& server) { server.open_ports.erase(args.key()); });
    return Nothing{};
}

}  // namespace

std::vector<ActionSpec> node_actions() {
    using enum ActionKind;
    return {
        action<accept<Reboot>>(
            "reboot_server", change, {.shape = ResultShape::raw, .aftermath = Aftermath::reboot},
            "Shuts the server down after the reply, and boots it."
        ),
        action<accept<ShutDown>>(
            "shutdown_server", change, {.shape = ResultShape::raw, .aftermath = Aftermath::shut_down},
            "Shuts the server down after the reply; its power stays on."
        ),
        action<update_profile>("update_profile", change, {}, "Remembers the name of the server's profile."),
        action<scan_packages>("scan_packages", query, raw, "Lists packages, available and installed."),
        action<install_packages>(
            "install_packages", change, {.takes = 200ms}, "Installs the available versions of packages."
        ),
        action<package_version>(
            "get_package_version", query, raw, "Returns epoch, version, release and architecture."
        ),
        action<configure_ntp>("configure_ntp", change, {}, "Sets the time server."),
        action<unconfigure_ntp>("unconfigure_ntp", change, {}, "Forgets the time server."),
        action<configure_repo>("configure_repo", change, raw, "Writes a package repository file."),
        action<kernel_status>("kernel_status", query, raw, "Tells which kernel runs and which should."),
        action<open_firewall>("open_firewall", change, {}, "Opens a port."),
        action<close_firewall>("close_firewall", change, {}, "Closes a port."),
    };
}

}  // namespace csim
