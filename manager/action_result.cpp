#include "manager/action_result.hpp"

namespace csim {

std::string console_text(const std::vector<Subprocess>& subprocesses) {
    std::string text;
    for (const Subprocess& subprocess : subprocesses) {
        std::string line;
        for (const std::string& arg : subprocess.args) line += (line.empty() ? "" : " ") + arg;
        text += line + ": " + std::to_string(subprocess.rc) + "\n" + subprocess.out + subprocess.err;
        if (!text.ends_with('\n')) text += '\n';
    }
    return text;
}

Result<Unwrapped> unwrap(const ActionResult& result) {
    const Json& value = result.value;
    if (value.is_null()) return Unwrapped{};
    if (!value.is_object())
        return Error{Errc::corrupt, "Expected a dictionary, the agent returned " + value.dump()};
    const auto error = value.find("error");
    if (error != value.end()) {
        return Error{Errc::refused, error->is_string() ? error->get<std::string>() : error->dump()};
    }
    const auto inner = value.find("result");
    return Unwrapped{inner != value.end() ? *inner : value};
}

}  // namespace csim
