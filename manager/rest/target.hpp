// What a request line names: path segments and query parameters, decoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

struct RestTarget {
    std::vector<std::string> segments;  ///< without empty ones: duplicate and trailing slashes do not count
    std::vector<std::pair<std::string, std::string>> query;

    /// The last value of `name`; nullptr if there is none.
    const std::string* find(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
};

RestTarget parse_target(std::string_view target);
std::string percent_encode(std::string_view text);

/// The values of all cookies called `name` in the Cookie fields' values.
std::vector<std::string> cookies(const std::vector<std::string>& cookie_fields, std::string_view name);

}  // namespace csim
