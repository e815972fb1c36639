// Finding targets by what they are related to.
#pragma once

#include "manager/model/target_rows.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace csim {

/// Kept true by the functions of Model that add and remove targets and filesystems.
class TargetIndex {
  public:
    void add(const TargetRow& target);
    void remove(const TargetRow& target);
    void add(const FilesystemRow& filesystem);
    void remove(const FilesystemRow& filesystem);
    void label(const std::string& ha_label, std::int64_t target) { by_ha_label_[ha_label] = target; }

    const std::set<std::int64_t>& on_host(std::int64_t host) const;
    /// Its MDTs and OSTs, without the MGT.
    const std::set<std::int64_t>& of_filesystem(std::int64_t filesystem) const;
    const std::set<std::int64_t>& mdts_of(std::int64_t filesystem) const;
    const std::set<std::int64_t>& filesystems_of_mgt(std::int64_t mgt) const;
    /// 0 if there is none.
    std::int64_t of_volume(std::int64_t volume) const;
    std::int64_t of_ha_label(std::string_view label) const;

  private:
    using Sets = std::map<std::int64_t, std::set<std::int64_t>>;
    Sets on_host_, of_filesystem_, mdts_of_, of_mgt_;
    std::map<std::int64_t, std::int64_t> of_volume_;
    std::map<std::string, std::int64_t, std::less<>> by_ha_label_;
};

}  // namespace csim
