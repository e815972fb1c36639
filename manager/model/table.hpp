// Rows of one kind, by number, each one a saved document.
#pragma once

#include "manager/model/changes.hpp"
#include "manager/model/row_index.hpp"
#include "state/document.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace csim {

/// Where a row is saved. One definition per row type, in row_names.cpp.
template <class Row>
EntryName entry_name(const Row& row);

/// Reading is by pointer; edit() saves and counts as a change. insert, restore and erase are in table_of.hpp.
template <class Row>
class Table {
  public:
    /// `property`: what with() finds rows by.
    Table(
        Documents& documents, Changes& changes, Watched watched,
        typename RowIndex<Row>::Property property = nullptr
    )
        : documents_(documents), changes_(changes), watched_(watched), index_(property) {}

    const Row* find(std::int64_t id) const {
        auto at = rows_.find(id);
        return at == rows_.end() ? nullptr : &**at->second;
    }
    /// Requires: the row exists.
    const Row& at(std::int64_t id) const { return **rows_.at(id); }
    std::size_t size() const { return rows_.size(); }
    /// Counts changes of rows, and rows that came or went: what followed from the rows still does while this
    /// is the same.
    std::uint64_t version() const { return version_; }
    /// Counts rows that came or went: pointers to rows are good while this is the same.
    std::uint64_t membership() const { return membership_; }
    std::int64_t last_id() const { return rows_.empty() ? 0 : rows_.rbegin()->first; }
    std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> ids;
        ids.reserve(rows_.size());
        for (const auto& entry : rows_) ids.push_back(entry.first);
        return ids;
    }
    /// At most `count` of them, without the first `offset`; from the last one on if `falling`.
    std::vector<std::int64_t> ids(std::size_t offset, std::size_t count, bool falling) const {
        std::vector<std::int64_t> ids;
        auto take = [&](auto at, auto end) {
            for (std::size_t skipped = 0; at != end && skipped < offset; ++skipped) ++at;
            for (; at != end && ids.size() < count; ++at) ids.push_back(at->first);
        };
        if (offset >= rows_.size()) return ids;
        falling ? take(rows_.rbegin(), rows_.rend()) : take(rows_.begin(), rows_.end());
        return ids;
    }
    template <class Visit>
    void each(Visit&& visit) const {
        for (const auto& entry : rows_) visit(**entry.second);
    }

    /// The numbers of the rows with this property, in order. Valid until the table changes.
    const std::set<std::int64_t>& with(std::int64_t property) const { return index_.with(property); }

    /// Changes a row and counts it. Requires: the row exists.
    template <class Change>
    void edit(std::int64_t id, Change&& change) {
        auto& document = *rows_.at(id);
        const auto before = index_.property(*document);
        document.edit(std::forward<Change>(change));
        index_.moved(id, before, index_.property(*document));
        ++version_;
        changes_.touch(watched_);
    }

    const Row& insert(Row row);
    /// A row as it was read from disk: nothing is counted or saved.
    void restore(Row row);
    void erase(std::int64_t id);

  private:
    Documents& documents_;
    Changes& changes_;
    Watched watched_;
    RowIndex<Row> index_;
    std::map<std::int64_t, std::unique_ptr<Document<Row>>> rows_;
    std::uint64_t version_ = 1;
    std::uint64_t membership_ = 1;
};

}  // namespace csim
