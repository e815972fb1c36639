// Names of Lustre targets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

enum class TargetKind { mgs, mdt, ost };

inline constexpr std::string_view mgs_label = "MGS";

/// `MGS`, `<fsname>-MDT%04x`, `<fsname>-OST%04x`.
std::string target_label(TargetKind kind, std::string_view fsname, std::int64_t index);
/// Nothing for a text that is no label.
std::optional<TargetKind> kind_of_label(std::string_view label);
/// The filesystem's name in a label: the text before the last `-`.
std::string_view fsname_of_label(std::string_view label);

}  // namespace csim
