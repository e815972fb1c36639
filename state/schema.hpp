// Which version of the documents this program writes, and the rows that bring older folders up to it.
#pragma once

#include "core/json.hpp"
#include "state/state_store.hpp"

#include <functional>
#include <vector>

namespace csim {

/// One step from `from_version` to the next. `upgrade` reads and puts documents; it never commits: all steps
/// of one opening become one atomic change, so a crash leaves the old folder or the new one. Throws Fatal if
/// it cannot.
struct Migration {
    int from_version = 0;
    std::function<void(StateStore&)> upgrade;
};

/// Version 0 is a folder of the original simulator, which has `simulator.json` and no version file.
struct Schema {
    int version = 1;
    std::vector<Migration> migrations;
};

/// Version 1; from 0 it takes the original's type marks out. Who knows the documents passes a Schema of its
/// own whose row 0 calls import_original() first.
const Schema& current_schema();

/// Removes the type marks from every JSON document.
void import_original(StateStore& store);

/// `value` without the `__dict_struct_type__` members at any depth.
/// Source: spec/simulator-behaviour.md §6.1, records of the original.
Json without_type_marks(Json value);

}  // namespace csim
