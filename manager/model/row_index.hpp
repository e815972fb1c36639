// The numbers of a table's rows by one property of theirs, kept true by the table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace csim {

template <class Row>
class RowIndex {
  public:
    /// What a row is found by; none: this row is in no set.
    using Property = std::optional<std::int64_t> (*)(const Row&);

    explicit RowIndex(Property property) : property_(property) {}

    std::optional<std::int64_t> property(const Row& row) const {
        return property_ == nullptr ? std::nullopt : property_(row);
    }
    void moved(
        std::int64_t id, std::optional<std::int64_t> before, const std::optional<std::int64_t>& after
    ) {
        if (before == after) return;
        if (before) {
            auto at = sets_.find(*before);
            at->second.erase(id);
            if (at->second.empty()) sets_.erase(at);
        }
        if (after) sets_[*after].insert(id);
    }
    /// In order of number. Valid until the table changes.
    const std::set<std::int64_t>& with(std::int64_t property) const {
        static const std::set<std::int64_t> none;
        auto at = sets_.find(property);
        return at == sets_.end() ? none : at->second;
    }

  private:
    Property property_;
    std::map<std::int64_t, std::set<std::int64_t>> sets_;
};

}  // namespace csim
