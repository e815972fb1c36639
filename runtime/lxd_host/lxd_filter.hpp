// The filter of lists: `status eq running and config.user.x ne 1`.
#pragma once

#include "core/json.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Empty text takes everything. A clause that is not understood takes nothing, as the daemon has it.
class LxdFilter {
  public:
    explicit LxdFilter(const std::string& text);

    bool everything() const { return clauses_.empty() && good_; }
    /// Whether these fields of an object are enough for takes().
    bool asks_only(std::initializer_list<std::string_view> fields) const;
    /// `object` is one as it would be listed; fields inside it are named with dots.
    bool takes(const Json& object) const;

  private:
    struct Clause {
        std::string field, value;
        bool equal = true;
        bool negated = false;
        bool or_before = false;
    };
    std::vector<Clause> clauses_;
    bool good_ = true;
};

}  // namespace csim
