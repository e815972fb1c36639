// Versions of agents and managers, and whether they understand each other.
// Source: the agent protocol, §2.8. Differs: a missing minor counts as 0.
#include "manager/registrar.hpp"

#include <algorithm>
#include <charconv>

namespace csim {

std::vector<std::int64_t> parse_version(std::string_view version) {
    std::vector<std::int64_t> parts;
    while (!version.empty()) {
        const std::size_t end = std::min(version.find('.'), version.size());
        const std::string_view part = version.substr(0, end);
        const bool digits_only = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        std::int64_t number = INT64_MAX;  // stays if it is larger
        std::from_chars(part.data(), part.data() + part.size(), number);
        if (digits_only) parts.push_back(number);
        version.remove_prefix(std::min(end + 1, version.size()));
    }
    return parts;
}

bool versions_compatible(const std::vector<std::int64_t>& manager, const std::vector<std::int64_t>& agent) {
    if (manager.empty() || agent.empty()) return true;
    const auto minor = [](const std::vector<std::int64_t>& version) {
        return version.size() > 1 ? version[1] : 0;
    };
    return manager[0] == agent[0] && minor(manager) >= minor(agent);
}

bool is_host_name(std::string_view name) {
    constexpr std::size_t name_bytes_max = 64;
    const auto allowed = [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= name_bytes_max && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace csim
