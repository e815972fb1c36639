// The options of `cluster-sim`, one struct a command, as the command line fills them.
#pragma once

#include "sim/offline_world.hpp"
#include "sim/setup.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct CommonOptions {
    std::string config = "cluster_sim";
    std::string url = "https://localhost:8000/";
    std::string log_level = "info";
    std::uint64_t seed = 1;
};

/// What `register` and `run` share: they both end up serving.
struct ServeOptions {
    std::string ca;
    std::string wire = "default";  ///< or "reference"
    std::string keys = "p256";     ///< or "rsa2048"; "reference" implies the latter
    bool hibernate = false;        ///< agents' connections keep their traffic keys only
    std::string control_listen = "127.0.0.1:8743";
    std::string control_token;
    std::string control_token_file;
    std::string ready_file;
    int pdu_port = 2300;                        ///< of the first power strip; 0: any free ports
    std::string pdu_password;                   ///< empty: the strips take any
    std::string scenario;                       ///< file; of run; empty: nothing happens by itself
    std::string copytool_fifo_dir;              ///< empty: copytools have no named pipes
    std::optional<double> start_spread;         ///< seconds over which agents start; absent: by their number
    std::vector<std::string> source_addresses;  ///< numeric; empty: the system's choice
    double registration_timeout = 60;  ///< seconds without an answer of the manager until a node gives up
};

struct RegisterOptions {
    std::string secret;
    std::string username;
    std::string password;
    bool create_pdu_entries = false;
};

struct WatchOptions {
    std::string username;
    std::string password;
    std::string until;
    double timeout = 300;  ///< seconds
};

struct CtlOptions {
    std::string operation;
    std::vector<std::string> arguments;
    bool list = false;
    bool markdown = false;
    std::string url;  ///< of the control port; empty: that of the state folder
    std::string control_token;
    std::string control_token_file;
};

/// Each command returns an exit status, or throws Fatal.
int setup_command(const CommonOptions& common, const Setup& setup, Existing existing);
int register_command(const CommonOptions& common, const ServeOptions& serve, const RegisterOptions& options);
int run_command(const CommonOptions& common, const ServeOptions& serve);
int status_command(const CommonOptions& common, bool json);
int actions_command(bool json, const std::string& name);
int ctl_command(const CommonOptions& common, const CtlOptions& options);
int watch_command(const CommonOptions& common, const ServeOptions& serve, const WatchOptions& options);

}  // namespace csim
