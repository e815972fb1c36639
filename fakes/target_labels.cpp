#include "fakes/target_labels.hpp"

#include <cstdio>

namespace csim {

std::string target_label(TargetKind kind, std::string_view fsname, std::int64_t index) {
    if (kind == TargetKind::mgs) return std::string(mgs_label);
    char number[24];
    std::snprintf(number, sizeof number, "%04llx", static_cast<unsigned long long>(index));
    return std::string(fsname) + (kind == TargetKind::mdt ? "-MDT" : "-OST") + number;
}

std::optional<TargetKind> kind_of_label(std::string_view label) {
    if (label == mgs_label) return TargetKind::mgs;
    const auto dash = label.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    const auto member = label.substr(dash + 1);
    if (member.size() < 7 || member.find_first_not_of("0123456789abcdef", 3) != std::string_view::npos) {
        return std::nullopt;
    }
    if (member.starts_with("MDT")) return TargetKind::mdt;
    if (member.starts_with("OST")) return TargetKind::ost;
    return std::nullopt;
}

std::string_view fsname_of_label(std::string_view label) {
    const auto dash = label.rfind('-');
    return dash == std::string_view::npos ? std::string_view() : label.substr(0, dash);
}

}  // namespace csim
