// Manual pages and bash completion from an option table.
#include "apps/shell/command_line.hpp"

#include <CLI/Formatter.hpp>

#include <sstream>

namespace csim::shell {
namespace {

std::string roff(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\\' || c == '-') escaped += '\\';
        if (c == '\n') {
            escaped += "\n.br\n";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
    auto all = app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
    std::vector<const CLI::App*> shown;
    for (const CLI::App* each : all) {
        if (!each->get_group().empty()) shown.push_back(each);
    }
    return shown;
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
    std::vector<const CLI::Option*> shown;
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_group().empty()) shown.push_back(option);
    }
    return shown;
}

void write_options(std::ostream& out, const CLI::App& app) {
    for (const CLI::Option* option : shown_options(app)) {
        out << ".TP\n\\fB" << roff(option->get_name(option->get_positional(), true)) << "\\fR";
        if (!option->get_type_name().empty() && !option->get_positional())
            out << " " << roff(option->get_type_name());
        out << "\n" << roff(option->get_description());
        if (!option->get_default_str().empty())
            out << " (default: " << roff(option->get_default_str()) << ")";
        out << "\n";
    }
}

void write_command(std::ostream& out, const CLI::App& app, const std::string& path) {
    out << ".SS \"" << roff(path) << "\"\n" << roff(app.get_description()) << "\n";
    write_options(out, app);
    for (const CLI::App* each : subcommands(app)) write_command(out, *each, path + " " + each->get_name());
}

std::string first_sentence(const std::string& text) {
    return text.substr(0, text.find_first_of(".\n"));
}

}  // namespace

std::string man_page(const CLI::App& app) {
    std::ostringstream out;
    const std::string name = app.get_name();
    out << ".TH " << name << " 1 \"\" \"cluster-sim " CSIM_VERSION "\" \"User commands\"\n"
        << ".SH NAME\n"
        << roff(name) << " \\- " << roff(first_sentence(app.get_description())) << "\n"
        << ".SH SYNOPSIS\n\\fB" << roff(name) << "\\fR [options]"
        << (subcommands(app).empty() ? "" : " command [options]") << "\n"
        << ".SH DESCRIPTION\n"
        << roff(app.get_description()) << "\n"
        << ".SH OPTIONS\n";
    write_options(out, app);
    if (!subcommands(app).empty()) out << ".SH COMMANDS\n";
    for (const CLI::App* each : subcommands(app)) write_command(out, *each, each->get_name());
    if (!app.get_footer().empty()) out << ".SH NOTES\n" << roff(app.get_footer()) << "\n";
    out << ".SH EXIT STATUS\n0 when everything went well, 1 when something failed, 2 for a wrong command "
           "line.\n";
    return out.str();
}

std::string bash_completion(const CLI::App& app) {
    std::ostringstream out;
    const std::string name = app.get_name();
    std::string function = "_" + name;
    for (char& c : function) c = c == '-' ? '_' : c;
    const auto words = [](const CLI::App& level) {
        std::string text;
        for (const CLI::App* each : subcommands(level)) text += each->get_name() + " ";
        for (const CLI::Option* option : shown_options(level)) {
            for (const std::string& each : option->get_lnames()) text += "--" + each + " ";
        }
        return text;
    };
    out << function << "() {\n    local word words=\"" << words(app) << "\"\n"
        << "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n        case $word in\n";
    for (const CLI::App* each : subcommands(app)) {
        out << "            " << each->get_name() << ") words=\"" << words(*each) << "\" ;;\n";
    }
    out << "        esac\n    done\n"
        << "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
        << "    [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "
           "\"${COMP_WORDS[COMP_CWORD]}\")\n}\n"
        << "complete -F " << function << " " << name << "\n";
    return out.str();
}

}  // namespace csim::shell
