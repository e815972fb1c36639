// What a remote call yields, and the two conventions of reading it.
// Source: the agent protocol, §4.1 and §4.3.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

/// One command that an action ran on the server.
struct Subprocess {
    std::vector<std::string> args;
    std::int64_t rc = 0;
    std::string out;
    std::string err;
};

/// How people read it in a step's console: the command line, then its output.
std::string console_text(const std::vector<Subprocess>& subprocesses);

struct ActionResult {
    Json value;  ///< the raw result
    std::vector<Subprocess> subprocesses;
};

/// A result that may be wrapped as `{"wrapper_version": 1, "result": X}` or `{…, "error": "text"}`.
/// Errors: refused with the text of `error`, which wins over `result`; corrupt if it is not an object.
struct Unwrapped {
    Json value;
};
Result<Unwrapped> unwrap(const ActionResult& result);

}  // namespace csim
