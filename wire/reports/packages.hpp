// Package versions and package reports, as the `lustre` plugin and the package actions write them.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace csim {

/// epoch, version, release, architecture.
using PackageVersion = std::tuple<std::int64_t, std::string, std::string, std::string>;
/// Package name → version.
using PackageVersions = std::map<std::string, PackageVersion>;

struct PackageReport {
    std::vector<PackageVersion> available;
    std::vector<PackageVersion> installed;  ///< empty when it is not

    bool operator==(const PackageReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(PackageReport, (), (available, installed))

/// Bundle → package → versions. Simulated servers know one bundle, `external`.
using PackagesReport = std::map<std::string, std::map<std::string, PackageReport>>;

}  // namespace csim
