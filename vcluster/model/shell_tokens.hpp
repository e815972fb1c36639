// Words and operators of a shell text.
#pragma once

#include <string>
#include <vector>

namespace csim::model {

struct ShellToken {
    enum class Kind { word, op, redirect, end };
    Kind kind = Kind::end;
    std::string text;
    int line = 1;
    std::size_t begin = 0;  ///< in the text
    std::string here;       ///< of "<<": what follows, up to its end
    bool literal = false;   ///< of "<<": the end was quoted
};

/// What the shell cannot do, and where.
struct ShellRefusal {
    int line;
    std::string token;
};

/// Throws ShellRefusal. The last one is `end`.
std::vector<ShellToken> shell_tokens(const std::string& text);

/// Where the construct that begins at `at` ends, one past: a quoted part, ${…}, $(…). Throws ShellRefusal.
std::size_t end_of_quoted(const std::string& text, std::size_t at, int line);

}  // namespace csim::model
