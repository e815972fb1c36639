// Package versions as agents report them, and which is newer.
#pragma once

#include <boost/describe.hpp>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct PackageVersion {
    std::int64_t epoch = 0;
    std::string version;
    std::string release;
    std::string arch;
    auto operator<=>(const PackageVersion&) const = default;  ///< for sets; not the order of age
};

struct PackageState {
    std::vector<PackageVersion> available;
    std::vector<PackageVersion> installed;
};

/// Package name to versions, of the bundles that concern the host.
using PackageReport = std::map<std::string, PackageState>;

/// Negative, zero, positive as `left` is older, as old, or newer: epoch, version, release.
int compare_age(const PackageVersion& left, const PackageVersion& right);
/// The comparison of two version texts that rpm makes. Source: rpm's documented version comparison rules.
int compare_rpm(std::string_view left, std::string_view right);

/// True if something newer is available, or one of `required` is known but not installed.
bool needs_update(const PackageReport& report, const std::vector<std::string>& required);

}  // namespace csim
