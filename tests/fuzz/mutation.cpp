#include "tests/fuzz/mutation.hpp"

#include <array>

namespace csim::test {

namespace {

/// What parsers and handlers tend to trip over.
constexpr std::array<std::string_view, 40> words{
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "\"\"",
    "0",
    "-1",
    "1e999",
    "1.5",
    "2147483648",
    "9223372036854775807",
    "[[[[",
    "}}}}",
    "\xff\xfe",
    "\\u0000",
    "%00",
    "%zz",
    "&limit=0",
    "&offset=99999999999999999999",
    "__in=",
    "__isnull=1",
    "&order_by=-id",
    "/api/host/1/",
    "/1/",
    "//",
    "?",
    "\r\n",
    "\r\n\r\n",
    "Content-Length: 99999999999",
    "Transfer-Encoding: chunked",
    "ffffffffff\r\n",
    "{\"a\":",
    "\"state\"",
    "\"removed\"",
    "\"objects\":[null]",
    "18446744073709551615",
    "-9223372036854775808",
    "<value>",
    "</struct>",
};

std::size_t below(Rng& rng, std::size_t limit) {
    return static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(limit) - 1));
}

void change(Rng& rng, std::string& input, const std::vector<std::string>& seeds) {
    const std::size_t at = below(rng, input.size() + 1);
    const std::size_t span = std::min(input.size() - at, 1 + below(rng, 12));
    switch (below(rng, 7)) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(rng.next() & 0xff);
            return;
        case 1:
            input.erase(at, span);
            return;
        case 2:
            input.insert(at, input.substr(at, span));
            return;
        case 3:
            input.replace(at, span, words[below(rng, words.size())]);
            return;
        case 4:
            input.insert(at, words[below(rng, words.size())]);
            return;
        case 5: {
            const std::string& other = seeds[below(rng, seeds.size())];
            input = input.substr(0, at) + other.substr(std::min(at, other.size()));
            return;
        }
        default:
            if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(rng, 8)));
    }
}

}  // namespace

std::string mutated(Rng& rng, const std::vector<std::string>& seeds) {
    std::string input = seeds[below(rng, seeds.size())];
    const std::size_t changes = 1 + below(rng, 4);
    for (std::size_t i = 0; i < changes; ++i) change(rng, input, seeds);
    return input;
}

}  // namespace csim::test
