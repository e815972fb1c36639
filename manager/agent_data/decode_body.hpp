// Report bodies as typed values: as they are inside one process, decoded leniently from the network.
#pragma once

#include "core/json_codec.hpp"
#include "wire/body.hpp"

#include <memory>

namespace csim {

template <class T>
Result<std::shared_ptr<const T>> decode_body(const Body& body) {
    if (auto held = body.get_if<T>()) return held;
    const auto json = body.get_if<Json>();
    auto decoded = from_json_value<T>(json ? *json : body.to_json(), Strictness::lenient);
    if (!decoded) return decoded.error();
    return std::make_shared<const T>(*std::move(decoded));
}

}  // namespace csim
