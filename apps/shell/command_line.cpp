#include "apps/shell/command_line.hpp"

#include "core/result.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <iostream>

namespace csim::shell {
namespace {

int refuse(const CLI::App& app, const std::string& sentence) {
    std::cerr << app.get_name() << ": " << sentence << "\nTry '" << app.get_name() << " --help'.\n";
    return usage;
}

/// CLI11 says "Could not convert: --option = value", which does not tell what to do.
std::string unusable_value(const std::string& told) {
    const std::size_t colon = told.find(": ");
    const std::string pair = colon == std::string::npos ? told : told.substr(colon + 2);
    return "this value cannot be used, it is not a number or too large: " + pair;
}

/// CLI11 takes `[a,b]` apart, which may be a JSON list for an operation: not with a blank before it, which
/// `ctl` takes away again.
void keep_lists_whole(std::vector<std::string>& words) {
    if (std::find(words.begin(), words.end(), "ctl") == words.end()) return;
    for (std::string& word : words) {
        if (word.starts_with('[') && word.ends_with(']')) word.insert(word.begin(), ' ');
    }
}

int parse(CLI::App& app, const std::vector<std::string>& arguments) {
    // CLI11 takes its vector in reverse order.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    keep_lists_whole(reversed);
    try {
        app.parse(reversed);
    } catch (const CLI::Success& asked) {
        app.exit(asked);
        return -1;
    } catch (const CLI::ConversionError& error) {
        return refuse(app, unusable_value(error.what()));
    } catch (const CLI::ParseError& error) {
        return refuse(app, error.what());
    }
    return ok;
}

}  // namespace

int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    app.set_version_flag(
        "--version", std::string(app.get_name()) + " " CSIM_VERSION, "Print the version and exit"
    );
    if (arguments == std::vector<std::string>{"--man_page"}) return std::cout << man_page(app), ok;
    if (arguments == std::vector<std::string>{"--bash_completion"})
        return std::cout << bash_completion(app), ok;
    if (const int status = parse(app, normalise(app, arguments))) return std::max(status, 0);
    try {
        return body();
    } catch (const Fatal& fatal) {
        std::cerr << app.get_name() << ": " << fatal.what() << "\n";
        return fatal.status;
    } catch (const std::exception& error) {
        std::cerr << app.get_name() << ": " << error.what() << "\n";
        return failure;
    }
}

}  // namespace csim::shell
