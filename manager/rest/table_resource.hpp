// A resource whose objects are the rows of one table.
#pragma once

#include "manager/rest/fields.hpp"

namespace csim {

template <class Row>
class TableResource : public Resource {
  public:
    TableResource(std::string name, Table<Row> Model::*table) : Resource(std::move(name)), table_(table) {}

    Keys keys(RestContext& context) override { return (context.model.*table_).ids(); }
    std::optional<Resource::Slice> slice(RestContext& context, std::size_t offset, std::size_t count)
        override {
        if (!whole_table_) return std::nullopt;
        const auto& table = context.model.*table_;
        return Resource::Slice{table.ids(offset, count, newest_first_), table.size()};
    }
    bool has(RestContext& context, Key key) override { return (context.model.*table_).find(key) != nullptr; }

  protected:
    template <class Get>
    Value of(Get get) const {
        return from_row(table_, std::move(get));
    }
    Table<Row> Model::*table_;
    bool whole_table_ = true;  ///< everybody sees every row; set to false where keys() says otherwise
};

}  // namespace csim
