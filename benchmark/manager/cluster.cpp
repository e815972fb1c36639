#include "benchmark/manager/cluster.hpp"

#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <poll.h>
#include <stdlib.h>

namespace csim {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::filesystem::path scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "csim-manager-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Fatal("cannot make a folder like " + pattern);
    return pattern;
}

std::string program(const char* name) {
    return (std::filesystem::path(this_program()).parent_path() / name).string();
}

std::string first_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// The port in `https://localhost:8000/`.
std::uint16_t port_of(const std::string& url) {
    const auto colon = url.rfind(':');
    if (colon == std::string::npos) throw Fatal("the manager's URL has no port: " + url);
    return static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
}

Json value_of(const Result<RestReply>& reply, const std::string& path) {
    if (!reply) throw Fatal(path + ": " + reply.error().detail);
    if (!reply->ok())
        throw Fatal(path + " was answered with " + std::to_string(reply->status) + ": " + reply->text);
    return reply->json();
}

}  // namespace

void pause_for(std::chrono::milliseconds span) {
    ::poll(nullptr, 0, static_cast<int>(span.count()));
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

BenchCluster::BenchCluster(const ClusterSize& size) : folder_(scratch_folder()) {
    const std::string ready = folder_ / "manager.url";
    manager_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        program("cluster-sim-manager"), "--listen", "127.0.0.1:0", "--state", folder_ / "manager",
        "--ready_file", ready});
    wait_for_file(ready, 60s);
    const std::string url = first_line(ready);
    const std::string cluster = folder_ / "cluster";
    if (size.agents < 4 || size.agents % 4 != 0) throw Fatal("--agents must be a multiple of four", 2);
    const int units = size.agents / 4, of_unit = std::max(1, (size.volumes + units - 1) / units);
    ChildProcess setup(
        {program("cluster-sim"), "--config", cluster, "setup", "--server_count", std::to_string(size.agents),
         "--worker_count", "0", "--su_size", "4", "--volume_count", std::to_string(units * of_unit)}
    );
    if (setup.rest().empty()) throw Fatal("cluster-sim setup made no cluster");
    simulator_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        program("cluster-sim"), "--config", cluster, "--url", url, "register", "--username", "admin",
        "--password", "lustre", "--control_listen", "127.0.0.1:0", "--pdu_port", "0",
        "--registration_timeout", "1800"});
    port_ = port_of(url);
    client_ = another_client();
    if (auto in = client_->login("admin", "lustre"); !in) throw Fatal("cannot log in: " + in.error().detail);
}

std::unique_ptr<BlockingRestClient> BenchCluster::another_client() const {
    HttpsClientOptions https;
    https.port = port_;
    return std::make_unique<BlockingRestClient>(https);
}

BenchCluster::~BenchCluster() {
    client_.reset();
    simulator_.reset();
    manager_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void BenchCluster::wait_for_file(const std::filesystem::path& file, std::chrono::seconds limit) const {
    const auto start = Clock::now();
    while (first_line(file).empty()) {
        if (Clock::now() - start > limit) throw Fatal(file.string() + " did not appear");
        pause_for(20ms);
    }
}

Json BenchCluster::get(const std::string& path) {
    return value_of(client_->get(path), path);
}

Json BenchCluster::post(const std::string& path, const Json& body, unsigned expected) {
    const auto reply = client_->post(path, body);
    Json json = value_of(reply, path);
    if (reply->status != expected) throw Fatal(path + " was answered with " + std::to_string(reply->status));
    return json;
}

void BenchCluster::settle(int hosts, std::chrono::seconds limit) {
    const auto start = Clock::now();
    while (true) {
        const int present = get("api/host/?limit=1")["meta"]["total_count"].get<int>();
        const int open = get("api/command/?complete=false&limit=1")["meta"]["total_count"].get<int>();
        if (present >= hosts && open == 0) return;
        if (Clock::now() - start > limit) {
            throw Fatal(
                "not set up in time: " + std::to_string(present) + " of " + std::to_string(hosts) +
                " hosts registered, " + std::to_string(open) + " commands open"
            );
        }
        pause_for(1s);
    }
}

void BenchCluster::complete(const Json& command, std::chrono::seconds limit) {
    const auto start = Clock::now();
    const std::string path = "api/command/" + command["id"].dump() + "/";
    while (true) {
        const Json now = get(path);
        if (now["errored"] == true || now["cancelled"] == true)
            throw Fatal("failed: " + now["message"].dump());
        if (now["complete"] == true) return;
        if (Clock::now() - start > limit) throw Fatal("not done in time: " + now["message"].dump());
        pause_for(50ms);
    }
}

}  // namespace csim
