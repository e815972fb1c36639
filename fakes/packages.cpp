#include "fakes/packages.hpp"

namespace csim {
namespace {

PackageVersion version(const char* number) {
    return {0, number, "1", "x86_64"};
}

}  // namespace

PackageCatalogue default_package_catalogue() {
    PackageCatalogue catalogue;
    catalogue.server = {
        {"lustre-ldiskfs-zfs", version("1")},
        {"lustre", version("2.1.4")},
        {"lustre-dkms", version("2.1.4")},
        {"kmod-lustre-osd-ldiskfs", version("2.1.4")},
        {"lustre-osd-zfs-mount", version("2.1.4")},
        {"kernel-[0-9]*_lustre", version("2.6.32")},
        {"kernel-devel-lustre", version("2.6.32")},
        {"zfs-dkms", version("0.6.5.3")},
        {"zfs", version("0.6.5.3")},
    };
    catalogue.worker = {{"lustre-client", version("2.5.0")}, {"kmod-lustre-client", version("2.5.0")}};
    for (PackageVersions* packages : {&catalogue.server, &catalogue.worker}) {
        packages->emplace("chroma-agent", version("3.0.1"));
        packages->emplace("chroma-agent-management", version("3.0.1"));
    }
    return catalogue;
}

PackagesReport packages_report(const PackageVersions& available, const PackageVersions& installed) {
    PackagesReport report;
    auto& external = report["external"];
    for (const auto& [name, newest] : available) {
        PackageReport& package = external[name];
        package.available.push_back(newest);
        const auto found = installed.find(name);
        if (found != installed.end()) package.installed.push_back(found->second);
    }
    return report;
}

}  // namespace csim
