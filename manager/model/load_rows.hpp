// Reading saved rows of one kind.
#pragma once

#include "core/json_codec.hpp"
#include "core/result.hpp"
#include "state/state_store.hpp"

#include <string>
#include <vector>

namespace csim {

/// Throws Fatal with the document's name when `json` is not a Row.
template <class Row>
Row decode(const EntryName& name, const Json& json) {
    auto row = from_json_value<Row>(json, Strictness::saved);
    if (row) return std::move(*row);
    throw Fatal(
        "the manager's document " + name.document + " cannot be read at " + name.path + row.error().detail +
        "; restore it from a copy or start with an empty folder"
    );
}

/// All rows of a section of `document`. Throws Fatal like decode.
template <class Row>
std::vector<Row> load_section(
    const StateStore& store, const std::string& document, const std::string& section
) {
    std::vector<Row> rows;
    for (const auto& [key, json] : store.load_section(document, section)) {
        rows.push_back(decode<Row>({document, section + "/" + key}, json));
    }
    return rows;
}

}  // namespace csim
