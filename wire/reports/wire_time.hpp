// An instant in a report: kept as an instant while it stays in this process, spelled only where text is made.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace csim {

enum class Strictness;

/// Written as UTC text, with the original agents' doubled suffix `+00:00Z` where they had it.
/// Read with the manager's tolerant grammar.
struct WireTime {
    SimTime at;
    bool doubled_suffix = false;

    bool operator==(const WireTime&) const = default;
    Json to_json() const;
    static Result<WireTime> from_json(const Json& json, Strictness strictness);
};

}  // namespace csim
