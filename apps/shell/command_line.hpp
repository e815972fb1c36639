// What the four programs share at their edge: parsing, messages, exit status, man pages, completion.
// One CLI::App is the option table; --help, the man page and the completion are all made from it.
#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <vector>

namespace csim::shell {

/// Exit statuses of every program.
enum Status { ok = 0, failure = 1, usage = 2 };

/// Arguments as people type them, in the table's spelling: `--server-count` and unique prefixes such as
/// `--server_c` become `--server_count`. Unknown ones stay as they are, for the parser to refuse.
std::vector<std::string> normalise(const CLI::App& app, const std::vector<std::string>& arguments);

/// Parses, then runs `body`. Prints `<program>: <sentence>` on standard error for Fatal and every other
/// exception. Adds --help and --version, and the hidden --man_page and --bash_completion that packaging uses.
int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

/// The manual page (section 1, roff) of a program.
std::string man_page(const CLI::App& app);
/// A bash completion script: sub-commands and long options.
std::string bash_completion(const CLI::App& app);

}  // namespace csim::shell
