#include "tests/programs/stage.hpp"

#include "net/rest_client.hpp"
#include "sim/control_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

namespace csim {
namespace {

HttpsClientOptions to_manager(std::uint16_t port) {
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.connections_max = 4;
    return options;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// The URL of the line `ready <url>`.
std::string ready_url(Program& program) {
    REQUIRE_MESSAGE(program.wait_for("ready "), program.err());
    REQUIRE(eventually([&] {
        program.wait_for("\n", Duration(0));
        return program.out().find('\n', program.out().find("ready ")) != std::string::npos;
    }));
    return first_line(program.out().substr(program.out().find("ready ") + 6));
}

}  // namespace

Words operator+(Words a, const Words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Stage::Stage() = default;
Stage::~Stage() = default;

void Stage::start_manager(const Words& more) {
    manager_.reset();
    const Words words{
        manager_path(), "--listen", "127.0.0.1:" + std::to_string(port_), "--state",
        (folder / "manager").string()};
    manager_.emplace(Launch{manager_wrapper + words + more});
    url_ = ready_url(*manager_);
    port_ = parse_manager_url(url_).value().port;
}

Words Stage::sim(const Words& more) const {
    const Words words{cluster_sim_path(), "--config", (folder / "cluster").string()};
    return words + (url_.empty() ? Words{} : Words{"--url", url_}) + more;
}

Ended Stage::run_sim(const Words& more) const {
    return run_program({sim(more)});
}

void Stage::setup(int servers, int workers) {
    const Ended made = run_sim(
        {"setup", "--server_count", std::to_string(servers), "--worker_count", std::to_string(workers)}
    );
    REQUIRE_MESSAGE(made.status == 0, made.err);
}

Words Stage::register_words(const Words& more) const {
    return sim(
               {"register", "--username", "admin", "--password", "lustre", "--control_listen", "127.0.0.1:0",
                "--pdu_port", "0", "--start_spread", "0"}
           ) +
           more;
}

Words Stage::run_words(const Words& more) const {
    return sim({"run", "--control_listen", "127.0.0.1:0", "--pdu_port", "0", "--start_spread", "0"}) + more;
}

Program Stage::serve(const Words& words) {
    Program program({words});
    control_url_ = ready_url(program);
    return program;
}

Ended Stage::watch_ready() const {
    return run_sim({"watch", "--username", "admin", "--password", "lustre", "--until", "ready"});
}

Json Stage::rest(const std::string& path) const {
    BlockingRestClient client(to_manager(port_), "/", patience);
    if (!client.login("admin", "lustre")) return nullptr;
    const auto reply = client.get(path);
    return reply ? reply->json() : Json();
}

Json Stage::post(const std::string& path, const Json& body) const {
    BlockingRestClient client(to_manager(port_), "/", patience);
    REQUIRE(client.login("admin", "lustre").has_value());
    const auto reply = client.post(path, body);
    REQUIRE(reply.has_value());
    REQUIRE_MESSAGE(reply->ok(), path << ": " << reply->status << " " << reply->text);
    return reply->json();
}

std::map<std::string, std::string> Stage::host_states() const {
    std::map<std::string, std::string> states;
    const Json list = rest("api/host/?limit=0");
    if (!list.is_object() || !list.contains("objects")) return states;
    for (const Json& host : list["objects"]) states[host.value("fqdn", "?")] = host.value("state", "?");
    return states;
}

Json Stage::control(const std::string& operation, const Json& parameters) const {
    ControlClient client(parse_manager_url(control_url_).value());
    const auto answer = client.call({operation, parameters});
    return answer ? answer->value : Json();
}

int Stage::sessions_open() const {
    const Json told = control("simulator_info", Json::array());
    return told.is_object() ? told.value("sessions_open", 0) : 0;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> found;
    if (!std::filesystem::exists(folder)) return found;
    for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = each.path().lexically_relative(folder).string();
        if (each.is_regular_file() && name.find("lock") == std::string::npos) found[name] = text_of(each);
    }
    return found;
}

std::vector<std::string> complaints(const std::string& err) {
    std::vector<std::string> found;
    std::istringstream lines(err);
    for (std::string line; std::getline(lines, line);) {
        const bool note = line.find("certificate is not verified") != std::string::npos ||
                          line.starts_with("registering ") || line.starts_with("registered ") ||
                          line.starts_with("Try '") || line.empty();
        if (!note) found.push_back(line);
    }
    return found;
}

}  // namespace csim
