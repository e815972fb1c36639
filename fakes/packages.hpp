// The package catalogue of the simulated distribution.
#pragma once

#include "core/result.hpp"
#include "wire/reports/packages.hpp"

#include <boost/describe.hpp>

#include <string>

namespace csim {

/// What can be installed on each kind of node: `packages` of `simulator.json`.
struct PackageCatalogue {
    PackageVersions server;
    PackageVersions worker;

    const PackageVersions& of(bool is_worker) const { return is_worker ? worker : server; }
};
BOOST_DESCRIBE_STRUCT(PackageCatalogue, (), (server, worker))

/// Source: the behaviour specification, §2.5.
PackageCatalogue default_package_catalogue();

/// Everything in the catalogue, with what is installed, under the bundle `external`.
PackagesReport packages_report(const PackageVersions& available, const PackageVersions& installed);

}  // namespace csim
