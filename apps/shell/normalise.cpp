// The spelling of options: dashes or underscores, and unique prefixes.
#include "apps/shell/command_line.hpp"

#include <algorithm>

namespace csim::shell {
namespace {

std::string with_underscores(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::vector<std::string> long_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        for (const CLI::Option* option : level->get_options()) {
            for (const std::string& name : option->get_lnames()) names.push_back(name);
        }
    }
    return names;
}

/// The one long option that `typed` spells or begins; `typed` itself when there is none or more than one.
std::string complete(const CLI::App& app, const std::string& typed) {
    const std::string wanted = with_underscores(typed);
    std::vector<std::string> matches;
    for (const std::string& name : long_names(app)) {
        if (with_underscores(name) == wanted) return name;
        if (with_underscores(name).starts_with(wanted)) matches.push_back(name);
    }
    return matches.size() == 1 ? matches.front() : typed;
}

std::string normalise_option(const CLI::App& app, const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name =
        complete(app, argument.substr(2, equals == std::string::npos ? equals : equals - 2));
    return "--" + name + (equals == std::string::npos ? "" : argument.substr(equals));
}

const CLI::App* subcommand_named(const CLI::App& app, const std::string& name) {
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (each->get_name() == name) return each;
    }
    return nullptr;
}

}  // namespace

std::vector<std::string> normalise(const CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> result;
    const CLI::App* level = &app;
    bool options = true;
    for (const std::string& argument : arguments) {
        if (argument == "--") options = false;
        if (options && argument.size() > 2 && argument.starts_with("--")) {
            result.push_back(normalise_option(*level, argument));
            continue;
        }
        if (const CLI::App* next = subcommand_named(*level, argument)) level = next;
        result.push_back(argument);
    }
    return result;
}

}  // namespace csim::shell
