#include "benchmark/scale/stage.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <poll.h>
#include <stdlib.h>

namespace csim {
namespace {

constexpr int milliseconds_between_questions = 200;

std::string url_of(ChildProcess& program, const char* name) {
    const std::string line = program.line();
    if (line.starts_with("ready ")) return line.substr(6);
    throw Fatal(std::string(name) + " ended before it served; see its log");
}

}  // namespace

double seconds_since(BenchClock::time_point start) {
    return std::chrono::duration<double>(BenchClock::now() - start).count();
}

ScaleStage::ScaleStage(bool keep, bool hibernate)
    : keep_(keep), hibernate_(hibernate), programs_(std::filesystem::path(this_program()).parent_path()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "csim-scale-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw Fatal("cannot make a folder like " + pattern);
    folder_ = pattern;
}

ScaleStage::~ScaleStage() {
    control_.reset();
    rest_.reset();
    simulator_.reset();
    manager_.reset();
    std::error_code ignored;
    if (keep_) {
        std::cerr << "scale: states and logs are in " << folder_.string() << "\n";
    } else {
        std::filesystem::remove_all(folder_, ignored);
    }
}

/// Standard error goes to a file, as a service's would.
std::vector<std::string> ScaleStage::logged(const std::string& log, std::vector<std::string> command) const {
    std::vector<std::string> all{"/bin/sh", "-c", "exec \"$@\" 2>>\"$0\"", (folder_ / log).string()};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

std::vector<std::string> ScaleStage::simulator_command(const std::vector<std::string>& more) const {
    std::vector<std::string> command{
        (programs_ / "cluster-sim").string(), "--config", (folder_ / "cluster").string()};
    if (!manager_url_.empty()) command.insert(command.end(), {"--url", manager_url_});
    command.insert(command.end(), more.begin(), more.end());
    return logged("cluster-sim.log", std::move(command));
}

void ScaleStage::start_manager() {
    const std::string program = (programs_ / "cluster-sim-manager").string();
    manager_ = std::make_unique<ChildProcess>(
        logged("manager.log", {program, "--listen", "127.0.0.1:0", "--state", (folder_ / "manager").string()})
    );
    manager_url_ = url_of(*manager_, "cluster-sim-manager");
    rest_ = new_session();
}

double ScaleStage::setup(int servers) {
    const auto start = BenchClock::now();
    ChildProcess program(simulator_command(
        {"setup", "--server_count", std::to_string(servers), "--su_size", "4", "--volume_count",
         std::to_string(servers * 2), "--worker_count", "0"}
    ));
    if (program.rest().find("Created") == std::string::npos) throw Fatal("setup failed; see its log");
    return seconds_since(start);
}

void ScaleStage::serve(const std::vector<std::string>& more) {
    std::vector<std::string> words = more;
    if (hibernate_) words.emplace_back("--hibernate");
    words.insert(words.end(), {"--control_listen", "127.0.0.1:0", "--pdu_port", "0"});
    simulator_ = std::make_unique<ChildProcess>(simulator_command(words));
    control_url_ = url_of(*simulator_, "cluster-sim");
    const auto at = parse_manager_url(control_url_);
    if (!at) throw Fatal("cluster-sim serves at " + control_url_ + ", which is no URL");
    control_.emplace(*at, "", 120s);
}

void ScaleStage::start_register() {
    serve({"register", "--username", "admin", "--password", "lustre"});
}

void ScaleStage::start_run() {
    serve({"run"});
}

double ScaleStage::stop_simulator() {
    const auto start = BenchClock::now();
    control_.reset();
    ::kill(simulator_->pid(), SIGTERM);
    simulator_->rest();
    simulator_.reset();
    return seconds_since(start);
}

Json ScaleStage::control(const std::string& operation, const Json& parameters) {
    const auto answer = control_->call({operation, parameters});
    if (!answer) throw Fatal("cluster-sim: " + operation + ": " + answer.error().detail);
    return answer->value;
}

Json ScaleStage::try_control(const std::string& operation, const Json& parameters) {
    const auto answer = control_->call({operation, parameters});
    return answer ? answer->value : Json();
}

Json ScaleStage::rest(const std::string& path) {
    const auto reply = rest_->get(path);
    return reply && reply->ok() ? reply->json() : Json();
}

Json ScaleStage::post(const std::string& path, const Json& body) {
    const auto reply = rest_->post(path, body);
    return reply && reply->ok() ? reply->json() : Json();
}

std::unique_ptr<BlockingRestClient> ScaleStage::new_session() const {
    const auto at = parse_manager_url(manager_url_);
    if (!at) throw Fatal("the manager serves at " + manager_url_ + ", which is no URL");
    HttpsClientOptions options;
    options.host = at->host;
    options.port = at->port;
    options.connections_max = 2;
    auto session = std::make_unique<BlockingRestClient>(options, at->base_path);
    if (const auto in = session->login("admin", "lustre"); !in)
        throw Fatal("cannot log in to the manager: " + in.error().detail);
    return session;
}

void ScaleStage::wait_for(
    const std::string& what, double limit_seconds, const std::function<bool()>& condition
) {
    const auto start = BenchClock::now();
    while (!condition()) {
        if (seconds_since(start) > limit_seconds)
            throw Fatal(what + " did not happen within " + std::to_string(int(limit_seconds)) + " s");
        ::poll(nullptr, 0, milliseconds_between_questions);
    }
}

}  // namespace csim
