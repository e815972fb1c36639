#include "state/schema.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

void remove_type_marks(Json& value) {
    if (value.is_object()) value.erase("__dict_struct_type__");
    if (!value.is_structured()) return;
    for (auto& member : value) remove_type_marks(member);
}

}  // namespace

Json without_type_marks(Json value) {
    remove_type_marks(value);
    return value;
}

void import_original(StateStore& store) {
    for (const auto& name : store.documents("")) {
        const EntryName whole{name, ""};
        const auto value = store.load(whole);
        if (!value || !value->is_structured()) continue;
        // Rewriting every document also leaves the folder in one style.
        store.put(whole, without_type_marks(*value));
    }
}

const Schema& current_schema() {
    static const Schema schema{1, {{0, import_original}}};
    return schema;
}

}  // namespace csim
