// rpm's order of versions and the update rule.
#include "manager/model/packages.hpp"

#include <algorithm>
#include <cctype>

namespace csim {

namespace {

bool alnum(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string_view take_segment(std::string_view& text, bool numeric) {
    std::size_t end = 0;
    while (end < text.size() && alnum(text[end]) && digit(text[end]) == numeric) ++end;
    std::string_view segment = text.substr(0, end);
    text.remove_prefix(end);
    if (numeric) {
        while (segment.size() > 1 && segment.front() == '0') segment.remove_prefix(1);
    }
    return segment;
}

int compare_segments(std::string_view left, std::string_view right, bool numeric) {
    if (numeric && left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    int order = left.compare(right);
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

}  // namespace

int compare_rpm(std::string_view left, std::string_view right) {
    while (true) {
        while (!left.empty() && !alnum(left.front()) && left.front() != '~') left.remove_prefix(1);
        while (!right.empty() && !alnum(right.front()) && right.front() != '~') right.remove_prefix(1);
        const bool left_tilde = left.starts_with('~');
        const bool right_tilde = right.starts_with('~');
        if (left_tilde || right_tilde) {
            if (left_tilde != right_tilde) return left_tilde ? -1 : 1;
            left.remove_prefix(1);
            right.remove_prefix(1);
            continue;
        }
        if (left.empty() || right.empty()) return left.empty() ? (right.empty() ? 0 : -1) : 1;
        const bool numeric = digit(left.front());
        // A numeric segment is newer than one of letters.
        if (numeric != digit(right.front())) return numeric ? 1 : -1;
        std::string_view left_segment = take_segment(left, numeric);
        std::string_view right_segment = take_segment(right, numeric);
        int order = compare_segments(left_segment, right_segment, numeric);
        if (order != 0) return order;
    }
}

int compare_age(const PackageVersion& left, const PackageVersion& right) {
    const auto& [left_epoch, left_version, left_release, left_arch] = left;
    const auto& [right_epoch, right_version, right_release, right_arch] = right;
    if (left_epoch != right_epoch) return left_epoch < right_epoch ? -1 : 1;
    int order = compare_rpm(left_version, right_version);
    return order != 0 ? order : compare_rpm(left_release, right_release);
}

namespace {

/// True if `available` is newer than every installed version of its architecture, of which there is one.
bool updates(const PackageVersion& available, const std::vector<PackageVersion>& installed) {
    bool any = false;
    for (const PackageVersion& present : installed) {
        if (std::get<3>(present) != std::get<3>(available)) continue;
        if (compare_age(available, present) <= 0) return false;
        any = true;
    }
    return any;
}

}  // namespace

bool needs_update(const HostPackages& packages, const std::vector<std::string>& required) {
    for (const auto& [name, state] : packages) {
        const bool wanted = std::find(required.begin(), required.end(), name) != required.end();
        if (wanted && state.installed.empty()) return true;
        for (const PackageVersion& available : state.available) {
            if (updates(available, state.installed)) return true;
        }
    }
    return false;
}

}  // namespace csim
