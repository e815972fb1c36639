// The programs that simulated nodes have, as rows: name, what it does. Anything else is refused by name.
#pragma once

#include "vcluster/model/world.hpp"

#include <span>

namespace csim::model {

/// What a program may look at, and where it writes.
struct Call {
    World& world;
    Node& node;
    Process& process;
    std::vector<std::string> arguments;  ///< the program's name first
    Environment env;
    std::string folder = "/";
    InputPtr in;
    SinkPtr out, err;

    const std::string& name() const { return arguments[0]; }
    std::string path(const std::string& given) const {
        return normal_path(given.starts_with("/") ? given : folder + "/" + given);
    }
    void say(std::string_view text) { out->put(text); }
    int fail(int status, const std::string& line) {
        err->put(line + "\n");
        return status;
    }
};

/// A program that takes no time beyond the usual, or one that waits.
struct Program {
    std::string_view name;
    int (*at_once)(Call&) = nullptr;
    Task<int> (*in_time)(Call&) = nullptr;
};

std::span<const Program> identity_programs();
std::span<const Program> file_programs();
std::span<const Program> more_file_programs();
std::span<const Program> text_programs();
std::span<const Program> column_programs();
std::span<const Program> process_programs();
std::span<const Program> network_programs();
std::span<const Program> service_programs();
std::span<const Program> slurm_programs();
std::span<const Program> ldms_programs();

/// By name or by path; nullptr: not modelled.
const Program* find_program(const std::string& name);
/// All names, sorted.
std::vector<std::string> program_names();

/// How the model says that it does not do something.
std::string not_modelled(const std::string& name);
int option_not_modelled(Call& call, const std::string& option);
/// "No such file or directory" and such.
std::string reason(int error);

/// How long a program takes that does nothing in particular.
constexpr Duration usual_time = std::chrono::milliseconds(1);

/// Splits arguments as getopt does: letters that take a value are followed by a colon in `letters`; long
/// options are given without dashes, with a trailing colon if they take a value.
struct Options {
    std::vector<std::pair<std::string, std::string>> given;  ///< name without dashes, value
    std::vector<std::string> operands;
    std::string wrong;  ///< the first option that is not among them, as written; empty: none

    bool has(std::string_view name) const;
    std::string value(std::string_view name, const std::string& otherwise = "") const;
    std::vector<std::string> values(std::string_view name) const;
};
Options parse_options(
    const std::vector<std::string>& arguments, std::string_view letters,
    const std::vector<std::string>& longs = {}, bool stop_at_operand = false
);

/// A shell: `-c TEXT`, a script, or standard input. In shell.cpp.
Task<int> run_shell(Call& call);

}  // namespace csim::model
