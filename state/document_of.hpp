// The bodies of Document<T> and how saved values become typed ones. For .cpp files: it brings the JSON codec.
#pragma once

#include "core/json_codec.hpp"
#include "core/result.hpp"
#include "state/document.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace csim {

template <class T>
Json Document<T>::encode() const {
    return to_json_value(value_);
}

/// What is saved under `name`, or nullopt. Missing members keep their defaults.
/// Throws Fatal, naming document and member, when it does not fit T.
template <class T>
std::optional<T> load_value(const StateStore& store, const EntryName& name) {
    const auto json = store.load(name);
    if (!json) return std::nullopt;
    auto value = from_json_value<T>(*json, Strictness::saved);
    if (value.has_value()) return std::move(*value);
    const auto where = name.path.empty() ? name.document : name.document + " (" + name.path + ")";
    throw Fatal("saved document " + where + " does not fit: " + value.error().detail);
}

/// The document saved under `name`, or null. Throws as load_value.
template <class T>
std::unique_ptr<Document<T>> load_document(Documents& owner, const EntryName& name) {
    auto value = load_value<T>(owner.store(), name);
    if (!value) return nullptr;
    return std::make_unique<Document<T>>(typename Document<T>::Loaded{}, owner, name, std::move(*value));
}

}  // namespace csim
