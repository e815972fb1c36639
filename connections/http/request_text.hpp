// Requests with places to be filled in: {index} of the connection, {request} of its requests, {random:N}
// hexadecimal digits, {uuid}. Parsed once, filled in for each request, from the seed alone. No I/O.
#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim::connections {

struct RequestValues {
    std::uint64_t index = 0;    ///< of the connection, over all workers
    std::uint64_t request = 0;  ///< of the connection
    std::uint64_t seed = 0;
};

class FilledText {
  public:
    FilledText() = default;
    /// `strict`: braces are for places only. Else what is no place stays as it is, as in JSON.
    /// Errors: bad_argument.
    static Result<FilledText> parse(std::string_view text, bool strict);
    /// Requires: parse() would succeed.
    explicit FilledText(std::string_view text);

    void append(const RequestValues& values, std::string& to) const;
    bool empty() const { return pieces_.empty(); }

  private:
    enum class Place : std::uint8_t { text, index, request, random, uuid };
    struct Piece {
        Place place = Place::text;
        unsigned digits = 0;
        std::string text;
    };
    static bool parse_place(std::string_view inside, Piece& into);

    std::vector<Piece> pieces_;
};

/// A request as a file gives it: `METHOD PATH`, fields as `Name: value` each on its own line, an empty line,
/// the body to the end of the file.
struct RequestParts {
    std::string method, path, body;
    std::vector<std::string> fields;
};
/// Errors: bad_argument, with the line.
Result<RequestParts> parse_request_file(std::string_view text);

}  // namespace csim::connections
