// The part of the shell's language that simulated nodes understand, as a tree.
#pragma once

#include "core/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace csim::model {

/// A word as written, quotes and all.
struct ShellWord {
    std::string raw;
    int line = 1;
};

struct ShellRedirect {
    std::string op;        ///< ">", ">>", "<", "<<", "2>", "2>>", "2>&1", "1>&2", "&>"
    ShellWord target;      ///< a path; for "<<" the text itself
    bool literal = false;  ///< "<<": nothing in the text is replaced
};

struct ShellList;
using ShellListPtr = std::shared_ptr<const ShellList>;

struct ShellCommand {
    enum class Kind { simple, branch, each, loop, group, subshell };
    Kind kind = Kind::simple;
    int line = 1;
    std::vector<ShellWord> words;  ///< assignments first; of `each`, what it goes over
    std::vector<ShellRedirect> redirects;
    std::string variable;                                         ///< of `each`
    std::vector<std::pair<ShellListPtr, ShellListPtr>> branches;  ///< condition and what follows
    ShellListPtr body;                                            ///< of the others; of `branch`, the else
};

struct ShellPipeline {
    std::vector<ShellCommand> commands;
    bool negated = false;
};

struct ShellItem {
    std::vector<std::pair<std::string, ShellPipeline>> parts;  ///< "", "&&" or "||" before each
    bool background = false;
    std::string source;  ///< its text
};

struct ShellList {
    std::vector<ShellItem> items;
};

/// Errors: bad_argument, with the sentence that the shell prints.
Result<ShellListPtr> parse_shell(const std::string& text);

}  // namespace csim::model
