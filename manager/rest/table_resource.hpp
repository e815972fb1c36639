// A resource whose objects are the rows of one table.
#pragma once

#include "manager/rest/fields.hpp"

namespace csim {

template <class Row>
class TableResource : public Resource {
  public:
    TableResource(std::string name, Table<Row> Model::*table) : Resource(std::move(name)), table_(table) {}

    Keys keys(RestContext& context) override { return (context.model.*table_).ids(); }
    bool has(RestContext& context, Key key) override { return (context.model.*table_).find(key) != nullptr; }

  protected:
    template <class Get>
    Value of(Get get) const {
        return from_row(table_, std::move(get));
    }
    Table<Row> Model::*table_;
};

}  // namespace csim
