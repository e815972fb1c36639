// Which of two package versions is newer, and whether a host needs an update.
#pragma once

#include "wire/reports/packages.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Package name to versions, of the bundles that concern the host.
using HostPackages = std::map<std::string, PackageReport>;

/// Negative, zero, positive as `left` is older, as old, or newer: epoch, version, release.
int compare_age(const PackageVersion& left, const PackageVersion& right);
/// The comparison of two version texts that rpm makes. Source: rpm's documented version comparison rules.
int compare_rpm(std::string_view left, std::string_view right);

/// True if something newer is available, or one of `required` is known but not installed.
bool needs_update(const HostPackages& packages, const std::vector<std::string>& required);

}  // namespace csim
