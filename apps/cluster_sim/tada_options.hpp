// The options of the commands about test results.
#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <vector>

namespace csim {

struct TadaOptions {
    std::string config, db_path = "tada_db.sqlite", db_driver = "sqlite", html, log, color = "auto",
                        form = "v1", address = "0.0.0.0";
    std::string log_level = "INFO";
    int port = 9862, idle_finish = 0;
    bool db_purge = false, foreground = false, daemonize = false;

    std::string test_id, suite, type, name, user, commit, description, to = "localhost", since, from;
    std::vector<std::string> assertions;
    bool only_passed = false, only_failed = false, only_skipped = false, all = false, purge_old = false,
         json = false, check = false;
};

/// Adds `tada-daemon`, `tada-query`, `tada-report` and `tada-replay`. `body` becomes what to run.
void add_tada(CLI::App& app, TadaOptions& options, std::function<int()>& body);

int tada_daemon(const TadaOptions& options);
int tada_query(const TadaOptions& options);
int tada_report(const TadaOptions& options);
int tada_replay(const TadaOptions& options);

}  // namespace csim
