// `cluster-sim-manager`: the embedded manager behind its own HTTPS port.
#include "apps/cluster_sim_manager/faults.hpp"
#include "apps/shell/command_line.hpp"
#include "apps/shell/ready_file.hpp"
#include "apps/shell/stop_signals.hpp"
#include "core/event_loop.hpp"
#include "core/trace.hpp"
#include "manager/manager_server.hpp"
#include "sim/budget.hpp"
#include "sim/manager_url.hpp"
#include "state/document.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <fstream>
#include <iostream>

namespace csim {
namespace {

struct Options {
    std::string listen = "127.0.0.1:8000";
    std::string state = "cluster_sim_manager";
    std::string ready_file;
    std::string simulator = "127.0.0.1:8743";
    std::string simulator_token_file;
    std::vector<std::string> names;
    bool no_anonymous_read = false;
    csim::FenceBy fence = csim::FenceBy::automatic;
    ManagerFaults faults;
};

/// Everything one run consists of, in the order in which it is built.
class Service {
  public:
    explicit Service(const Options& options);
    int run();

  private:
    void stop(int status) { status_ = status, loop_.stop(); }
    ManagerServerOptions server_options(const Options& options, const ListenAddress& at) const;

    const std::string ready_file_;
    const ManagerFaults faults_;
    Timeline timeline_;
    EventLoop loop_;
    shell::StopSignals signals_;
    Trace trace_;
    std::unique_ptr<StateStore> store_;
    std::unique_ptr<Documents> documents_;
    std::unique_ptr<ManagerServer> server_;
    int status_ = 0;
};

/// The first line of a file, without the blanks around it.
std::string read_word(const std::string& file) {
    std::ifstream in(file);
    std::string word;
    if (!(in >> word)) throw Fatal("--simulator_token_file " + file + " cannot be read or is empty", 2);
    return word;
}

ListenAddress listen_address(const Options& options) {
    if (options.state.empty()) throw Fatal("--state names no folder", 2);
    const auto at = parse_listen_address(options.listen);
    if (!at) throw Fatal(at.error().detail, 2);
    return *at;
}

Service::Service(const Options& options)
    : ready_file_(options.ready_file),
      faults_(options.faults),
      timeline_(wall_now()),
      loop_(timeline_, Pace::realtime()),
      signals_(loop_.io(), [this] { stop(0); }),
      trace_(timeline_) {
    raise_descriptor_limit();
    DirectoryOptions directory;
    directory.program = "cluster-sim-manager";
    directory.on_failure = [this](const Error& error) {
        std::cerr << "cluster-sim-manager: " << error.detail
                  << "; stopping, nothing that was acknowledged is lost\n";
        stop(1);
    };
    const ListenAddress at = listen_address(options);
    store_ = open_directory(options.state, loop_, std::move(directory));
    if (store_->load({"simulator.json", ""})) {
        throw Fatal(options.state + " holds a simulated cluster; choose another folder for --state");
    }
    documents_ = std::make_unique<Documents>(*store_);
    server_ = std::make_unique<ManagerServer>(
        timeline_, loop_, *documents_, Rng(static_cast<std::uint64_t>(timeline_.now().unix_ns())), &trace_,
        server_options(options, at)
    );
}

ManagerServerOptions Service::server_options(const Options& options, const ListenAddress& at) const {
    ManagerServerOptions made;
    made.address = at.host;
    made.port = at.port;
    made.names = options.names;
    made.manager.url.clear();
    made.fence.by = options.fence;
    const auto simulator = parse_listen_address(options.simulator);
    if (!simulator)
        throw Fatal("--simulator " + options.simulator + " is not HOST:PORT, such as 127.0.0.1:8743", 2);
    made.simulator.address = simulator->host;
    made.simulator.port = simulator->port;
    if (!options.simulator_token_file.empty()) made.simulator.token = read_word(options.simulator_token_file);
    made.manager.rest.allow_anonymous_read = !options.no_anonymous_read;
    made.delay_per_host = Duration(static_cast<std::int64_t>(options.faults.delay_per_host_ms * 1e6));
    made.leak_per_answer = std::size_t(options.faults.leak_kib) << 10;
    if (options.faults.drain_rate > 0) made.manager.journal.messages_per_second = options.faults.drain_rate;
    return made;
}

int Service::run() {
    loop_.before_waiting([this] { documents_->save_all(); });
    documents_->save_all();
    store_->flush();
    limit_process(faults_);
    std::cerr << "cluster-sim-manager: " << server_->power_client() << "\n";
    shell::announce_ready(server_->url(), ready_file_);
    loop_.run();
    documents_->save_all();
    store_->flush();
    return shell::StopSignals::exit_status(status_);
}

}  // namespace
}  // namespace csim

int main(int argc, char** argv) {
    csim::Options options;
    CLI::App app{
        "The embedded manager of cluster-sim.\n"
        "Registers agents, sets hosts up, follows what they report and answers a REST API over HTTPS, as a "
        "real\n"
        "manager does. Accounts: admin, debug and user, each with the password lustre.",
        "cluster-sim-manager"};
    app.add_option("--listen", options.listen, "Where to listen; port 0 picks a free one")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    app.add_option("--state", options.state, "State folder")->type_name("DIR")->capture_default_str();
    app.add_option(
           "--name", options.names,
           "A name that the server's certificate is to be valid for, beside localhost"
    )
        ->type_name("HOST");
    app.add_option("--ready_file", options.ready_file, "Write the manager's URL here once it serves")
        ->type_name("FILE");
    const std::map<std::string, csim::FenceBy> clients{
        {"auto", csim::FenceBy::automatic},
        {"program", csim::FenceBy::program},
        {"built-in", csim::FenceBy::built_in}};
    app.add_option(
           "--fence", options.fence,
           "What switches power strips: fence_apc if it is installed (auto), only that, or the built-in "
           "client"
    )
        ->transform(CLI::CheckedTransformer(clients))
        ->type_name("auto|program|built-in")
        ->default_str("auto");
    app.add_option(
           "--simulator", options.simulator,
           "The control port of the simulator, where storage controllers are asked for their LUNs"
    )
        ->type_name("HOST:PORT")
        ->capture_default_str();
    app.add_option(
           "--simulator_token_file", options.simulator_token_file,
           "A file with the word that the simulator's control port asks for"
    )
        ->type_name("FILE");
    app.add_flag("--no_anonymous_read", options.no_anonymous_read, "Only answer users who have logged in");
    csim::add_fault_options(app, options.faults);
    return csim::shell::run(app, argc, argv, [&options] { return csim::Service(options).run(); });
}
