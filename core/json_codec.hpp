// Described structs to JSON and back, strictly, with the path of whatever is wrong.
// Describe a struct on the line after it: BOOST_DESCRIBE_STRUCT(LnetState, (), (loaded, up)).
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <boost/describe.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace csim {

/// What a decoder forgives. Types are strict in all of them.
enum class Strictness {
    exact,    ///< missing and unknown keys are errors (optional members may be absent): messages, arguments
    saved,    ///< a missing key keeps the default, an unknown one is an error: documents on disk
    lenient,  ///< both tolerated: what peers of other versions send
};

/// Handles bool, integers (range checked), double, std::string, enums by name, std::optional (null), Duration
/// ("250ms"), SimTime (UTC text), std::vector, std::array, std::pair (two-element array), std::map with
/// string or integer keys, Json, nested described structs. Also std::tuple (an array; lenient: missing
/// trailing elements keep their defaults), std::shared_ptr<const T> (null when empty; shared immutable parts
/// of reports), and any type with `Json to_json() const` and `static Result<Self> from_json(const Json&,
/// Strictness)`.
template <class T>
Json to_json_value(const T& value);

/// Errors: bad_argument, detail "<JSON pointer>: <what was expected>", the whole document being "/".
template <class T>
Result<T> from_json_value(const Json& json, Strictness strictness);

/// Parses text with limits on depth and size, then decodes. Errors: bad_argument, with line and column for
/// bad syntax.
Result<Json> parse_json(std::string_view text, std::size_t depth_max = 64);

}  // namespace csim

#include "core/json_codec_containers.hpp"
#include "core/json_codec_impl.hpp"
