// Insides of FakeTargets, for its own .cpp files.
#pragma once

#include "fakes/fake_targets.hpp"
#include "state/document_of.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace csim {

inline const std::string targets_document = "devices.json";

/// Lustre shows this parameter's value behind its name.
inline constexpr std::string_view cached_mb_suffix = "llite.max_cached_mb";
inline constexpr std::string_view cached_mb_prefix = "max_cached_mb: ";

/// A format that nothing forbids, before anything is changed.
struct FakeTargets::Plan {
    std::string serial;
    TargetKind kind = TargetKind::ost;
    TargetState state;
    NidGroups mgs_nids;
    FormattedTarget result;
    std::vector<std::string> superseded;  ///< volumes that carry the same label, unregistered: they lose it
};

}  // namespace csim
