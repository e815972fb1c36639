#include "apps/cluster_sim/tada_options.hpp"

#include "core/result.hpp"

#include <CLI/Validators.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace csim {
namespace {

/// Where the configuration is: the first of these that exists.
std::string config_file(const TadaOptions& o) {
    if (!o.config.empty()) {
        if (!std::filesystem::is_regular_file(o.config))
            throw Fatal("there is no configuration " + o.config, 2);
        return o.config;
    }
    const char* given = std::getenv("TADAD_CONF");
    for (const std::string& each :
         {std::string(given != nullptr ? given : ""), std::string("tadad.conf"),
          std::string("/etc/tadad.conf")})
        if (!each.empty() && std::filesystem::is_regular_file(each)) return each;
    return "";
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// Options of the section [tada] that the command line has not given.
void read_config(const CLI::App& command, TadaOptions& o) {
    const std::string path = config_file(o);
    if (path.empty()) return;
    std::ifstream in(path);
    std::string section;
    for (std::string line; std::getline(in, line);) {
        line = trimmed(line.substr(0, line.find_first_of("#;")));
        if (line.starts_with("[")) section = line;
        const auto equals = line.find('=');
        if (section != "[tada]" || equals == std::string::npos) continue;
        const std::string key = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
        const auto* option = command.get_option_no_throw("--" + key);
        if (option != nullptr && option->count() > 0) continue;
        if (key == "db_path") o.db_path = value;
        if (key == "db_driver") o.db_driver = value;
        if (key == "log") o.log = value;
        if (key == "log_level") o.log_level = value;
        if (key == "port" && !value.empty() && value.size() < 6 &&
            value.find_first_not_of("0123456789") == std::string::npos)
            o.port = std::stoi(value);
        if (key == "db_purge") o.db_purge = value == "true" || value == "1" || value == "yes";
    }
}

void add_data_base(CLI::App* command, TadaOptions& o) {
    command->add_option("-c,--config", o.config, "An INI file with a section [tada]")->type_name("FILE");
    command->add_option("--db_driver", o.db_driver, "Only sqlite is to be had")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--db_path", o.db_path, "The data base's file")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_option("--html", o.html, "Write a page of the runs")->type_name("FILE");
    command->add_option("--color", o.color, "always, never, or auto: on a terminal")
        ->check(CLI::IsMember({"always", "never", "auto"}))
        ->type_name("WHEN");
}

void add_daemon(CLI::App& app, TadaOptions& o, std::function<int()>& body) {
    CLI::App* command = app.add_subcommand("tada-daemon", "Receive test results, print and store them");
    add_data_base(command, o);
    command->add_option("-p,--port", o.port, "UDP; 0: any free one")
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT")
        ->capture_default_str();
    command->add_option("--address", o.address, "Of this machine")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command->add_option("--form", o.form, "How runs are printed: v1 or v2")
        ->check(CLI::IsMember({"v1", "v2"}))
        ->type_name("FORM")
        ->capture_default_str();
    command->add_option("-l,--log", o.log, "Append to this file instead of standard output and error")
        ->type_name("FILE");
    command->add_option("-L,--log_level", o.log_level, "DEBUG, INFO, WARNING, ERROR or CRITICAL")
        ->check(CLI::IsMember({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}))
        ->type_name("LEVEL")
        ->capture_default_str();
    command
        ->add_option(
            "--idle_finish", o.idle_finish, "End tests that have been silent for so many seconds; 0: never"
        )
        ->type_name("S");
    command->add_flag("-F,--foreground", o.foreground, "Stay there; it does anyway without --daemonize");
    command->add_flag(
        "--daemonize", o.daemonize, "Go on in the background once it listens, with the log in a file"
    );
    command->add_flag("--db_purge", o.db_purge, "Forget all results first");
    command->callback([&o, &body, command] {
        body = [&o, command] {
            read_config(*command, o);
            return tada_daemon(o);
        };
    });
}

void add_query(CLI::App& app, TadaOptions& o, std::function<int()>& body) {
    CLI::App* command = app.add_subcommand("tada-query", "Show stored test results");
    add_data_base(command, o);
    command->add_option("--test_id", o.test_id, "One run")->type_name("ID");
    command->add_option("--test_suite", o.suite, "Of this suite")->type_name("NAME");
    command->add_option("--test_type", o.type, "Of this type")->type_name("NAME");
    command->add_option("--test_name", o.name, "Of this name")->type_name("NAME");
    command->add_option("--test_user", o.user, "Of this user (default: you; *: all)")->type_name("NAME");
    command
        ->add_option("--commit_id", o.commit, "Of this commit (default: that of the user's last run; *: any)")
        ->type_name("ID");
    command->add_flag("--only_passed", o.only_passed, "Only assertions that have passed");
    command->add_flag("--only_failed", o.only_failed, "Only assertions that have failed");
    command->add_flag("--only_skipped", o.only_skipped, "Only assertions that were skipped");
    command->add_flag("--all", o.all, "Not only the last run of each test");
    command->add_option("--since", o.since, "Started at or after, UTC")->type_name("TIME");
    command->add_flag("--purge_old_tests", o.purge_old, "Forget all but the last run of each test, and end");
    command->add_flag("--json", o.json, "For programs");
    command->add_flag("--check", o.check, "End with 1 if an assertion that is shown has failed");
    command->callback([&o, &body, command] {
        body = [&o, command] {
            read_config(*command, o);
            return tada_query(o);
        };
    });
}

}  // namespace

void add_tada(CLI::App& app, TadaOptions& o, std::function<int()>& body) {
    add_daemon(app, o, body);
    add_query(app, o, body);
    CLI::App* command =
        app.add_subcommand("tada-report", "Report the outcome of one test to a daemon, ours or the original");
    command->add_option("--to", o.to, "Where the daemon is")->type_name("HOST[:PORT]")->capture_default_str();
    command->add_option("--suite", o.suite, "Of the test")->required()->type_name("NAME");
    command->add_option("--type", o.type, "Of the test")->type_name("NAME");
    command->add_option("--name", o.name, "Of the test")->required()->type_name("NAME");
    command->add_option("--user", o.user, "Whose test it is (default: you)")->type_name("NAME");
    command->add_option("--commit", o.commit, "What was tested")->type_name("ID");
    command->add_option("--description", o.description, "In a few words")->type_name("TEXT");
    command
        ->add_option(
            "--assertion", o.assertions,
            "NUMBER:passed|failed|skipped:DESCRIPTION[:CONDITION]; may be repeated"
        )
        ->type_name("TEXT");
    command->callback([&o, &body] { body = [&o] { return tada_report(o); }; });
    CLI::App* replay =
        app.add_subcommand("tada-replay", "Report what a client has written down instead of sending it");
    replay->add_option("file", o.from, "Its messages: a JSON array, or one a line")
        ->required()
        ->type_name("FILE");
    replay->add_option("--to", o.to, "Where the daemon is")->type_name("HOST[:PORT]")->capture_default_str();
    replay->callback([&o, &body] { body = [&o] { return tada_replay(o); }; });
}

}  // namespace csim
