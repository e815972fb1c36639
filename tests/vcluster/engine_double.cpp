#include "tests/vcluster/engine_double.hpp"

#include <algorithm>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace csim {
namespace {

Json message(const std::string& text) {
    return {{"message", text}};
}

std::string hostname_of(const Json& container) {
    return container.value("Hostname", "");
}

void send_all(int fd, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto n = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (n <= 0) return;
        at += static_cast<std::size_t>(n);
    }
}

/// A frame of the engine's streams, sent in pieces that a careless reader stumbles over.
void send_frame(int fd, char stream, const std::string& text) {
    if (text.empty()) return;
    std::string head(8, '\0');
    head[0] = stream;
    for (int i = 0; i < 4; ++i)
        head[static_cast<std::size_t>(4 + i)] = static_cast<char>(text.size() >> (8 * (3 - i)) & 255);
    send_all(fd, head.substr(0, 3));
    send_all(fd, head.substr(3) + text.substr(0, 1));
    send_all(fd, text.substr(1));
}

}  // namespace

EngineDouble::EngineDouble() {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), at.sun_path);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 64) != 0)
        throw std::runtime_error("cannot listen on " + path_);
    thread_ = std::thread([this] { listen(); });
}

EngineDouble::~EngineDouble() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (std::thread& each : connections_) each.join();
}

void EngineDouble::listen() {
    while (!ending_) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) connections_.emplace_back([this, fd] { serve(fd); });
    }
}

void EngineDouble::serve(int fd) {
    std::string held;
    char room[65536];
    const auto more = [&] {
        const auto n = ::recv(fd, room, sizeof room, 0);
        if (n > 0) held.append(room, static_cast<std::size_t>(n));
        return n > 0;
    };
    while (held.find("\r\n\r\n") == std::string::npos && more()) {
    }
    const auto end = held.find("\r\n\r\n");
    if (end == std::string::npos) return void(::close(fd));
    const std::string head = held.substr(0, end);
    held.erase(0, end + 4);
    const auto length = head.find("Content-Length: ");
    const std::size_t size =
        length == std::string::npos ? 0 : std::strtoul(head.c_str() + length + 16, nullptr, 10);
    while (held.size() < size && more()) {
    }
    const Json body = Json::parse(held.substr(0, size), nullptr, false);
    held.erase(0, size);
    const std::string method = head.substr(0, head.find(' '));
    const std::string target =
        head.substr(method.size() + 1, head.find(' ', method.size() + 1) - method.size() - 1);
    const bool begins = target.starts_with("/exec/") && target.ends_with("/start");
    if (begins) {
        const std::string id = target.substr(6, target.size() - 12);
        const bool wants_input = execs_.at(id).body.value("AttachStdin", false),
                   detached = body.value("Detach", false);
        if (!detached)
            send_all(
                fd,
                "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: "
                "Upgrade\r\nUpgrade: tcp\r\n\r\n"
            );
        while (wants_input && more()) {
        }
        {
            const std::lock_guard lock(mutex_);
            requests.push_back(method + " " + target);
            run(execs_.at(id), held);
        }
        if (detached)
            send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        else
            send_frame(fd, 1, execs_.at(id).result.out), send_frame(fd, 2, execs_.at(id).result.err);
        return void(::close(fd));
    }
    Answer given;
    {
        const std::lock_guard lock(mutex_);
        requests.push_back(method + " " + target);
        given = !refuse.empty() && (method + " " + target).starts_with(refuse)
                    ? Answer{500, message("no luck")}
                    : answer(method, target, body);
    }
    const std::string text = given.body.is_null() ? "" : given.body.dump();
    // In chunks, as the engine does.
    std::string out = "HTTP/1.1 " + std::to_string(given.status) + " X\r\nContent-Type: application/json\r\n";
    char hex[32];
    std::snprintf(hex, sizeof hex, "%zx\r\n", text.size());
    if (given.status == 204 || given.status == 304)
        out += "\r\n";
    else if (text.empty())
        out += "Content-Length: 0\r\n\r\n";
    else
        out += "Transfer-Encoding: chunked\r\n\r\n" + std::string(hex) + text + "\r\n0\r\n\r\n";
    send_all(fd, out);
    ::close(fd);
}

void EngineDouble::run(Exec& exec, const std::string& input) {
    ExecSpec spec;
    spec.command = exec.body["Cmd"].get<std::vector<std::string>>();
    for (const Json& each : exec.body.value("Env", Json::array())) {
        const std::string text = each.get<std::string>();
        spec.environment[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    spec.user = exec.body.value("User", "");
    spec.folder = exec.body.value("WorkingDir", "");
    spec.input = input;
    spec.detached = !exec.body.value("AttachStdout", true);
    const auto ran = nodes_.exec(hostname_of(containers[exec.container]), spec, Duration::zero());
    exec.result = ran ? *ran : ExecResult{125, "", ran.error().detail};
}

EngineDouble::Answer EngineDouble::answer(
    const std::string& method, const std::string& target, const Json& body
) {
    std::vector<std::string> parts;
    const std::string path = target.substr(0, target.find('?'));
    for (std::size_t at = 1; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        parts.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    parts.resize(3);
    if (parts[0] == "_ping") return {200, "OK"};
    if (parts[0] == "info")
        return {
            200,
            {{"Name", "here"},
             {"ContainersRunning", running_.size() + static_cast<std::size_t>(running_elsewhere)},
             {"Swarm",
              {{"LocalNodeState", swarm_nodes.empty() ? "inactive" : "active"}, {"NodeID", "here"}}}}};
    if (parts[0] == "nodes") return {200, swarm_nodes};
    if (parts[0] == "images")
        return images.contains(parts[1]) ? Answer{200, {{"Id", parts[1]}}}
                                         : Answer{404, message("No such image: " + parts[1])};
    if (parts[0] == "networks") return on_network(method, parts[1], body);
    if (parts[0] == "exec")
        return {200, {{"Running", false}, {"ExitCode", execs_.at(parts[1]).result.status}, {"Pid", 7}}};
    if (parts[0] != "containers") return {404, message("page not found")};
    if (parts[1] == "create") {
        const std::string name = target.substr(target.find("name=") + 5);
        return on_container("CREATE", name, "", body);
    }
    if (parts[1] == "json") {
        Json all = Json::array();
        // {"network":["NAME"]}, as targets carry it.
        const auto filter = target.find("network%22%3A%5B%22");
        for (const auto& [name, each] : containers)
            if (const std::string its = each["HostConfig"]["NetworkMode"];
                filter == std::string::npos || target.substr(filter + 19).starts_with(its + "%22"))
                all.push_back(
                    {{"Names", {"/" + name}},
                     {"State", running_.contains(name) ? "running" : "exited"},
                     {"Labels", each["Labels"]}}
                );
        return {200, all};
    }
    return on_container(method, parts[1], parts[2], body);
}

EngineDouble::Answer EngineDouble::on_network(
    const std::string& method, const std::string& name, const Json& body
) {
    if (name == "create") {
        if (networks.contains(body["Name"]))
            return {409, message("network with name " + body["Name"].get<std::string>() + " already exists")};
        networks[body["Name"]] = body;
        return {201, {{"Id", "n1"}}};
    }
    if (name.empty()) {
        Json all = Json::array();
        for (const auto& [each, facts] : networks) all.push_back(facts);
        return {200, all};
    }
    if (!networks.contains(name)) return {404, message("network " + name + " not found")};
    if (method == "GET") return {200, networks[name]};
    for (const auto& [each, facts] : containers)
        if (facts["HostConfig"]["NetworkMode"] == name)
            return {403, message("network " + name + " has active endpoints")};
    networks.erase(name);
    return {204, nullptr};
}

EngineDouble::Answer EngineDouble::on_container(
    const std::string& method, const std::string& name, const std::string& what, const Json& body
) {
    if (method == "CREATE") {
        if (containers.contains(name))
            return {409, message("Conflict. The container name \"/" + name + "\" is already in use")};
        const std::string network = body["HostConfig"]["NetworkMode"];
        if (!networks.contains(network)) return {404, message("network " + network + " not found")};
        containers[name] = body;
        NodeSpec spec;
        spec.name = hostname_of(body);
        spec.address = body["NetworkingConfig"]["EndpointsConfig"][network]["IPAMConfig"]["IPv4Address"]
                           .get<std::string>();
        nodes_.create_all({spec}, 60s);
        return {201, {{"Id", name}}};
    }
    if (!containers.contains(name)) return {404, message("No such container: " + name)};
    const std::string hostname = hostname_of(containers[name]);
    if (method == "DELETE") {
        nodes_.remove_all({hostname}, Duration::zero(), 60s);
        running_.erase(name);
        containers.erase(name);
        return {204, nullptr};
    }
    if (what == "start") {
        if (!running_.insert(name).second) return {304, nullptr};
        nodes_.start_all({hostname}, 60s);
        return {204, nullptr};
    }
    if (what == "stop") {
        running_.erase(name);
        return {204, nullptr};
    }
    if (what == "json")
        return {200, {{"State", {{"Status", running_.contains(name) ? "running" : "exited"}, {"Pid", 7}}}}};
    if (what != "exec") return {404, message("page not found")};
    if (!running_.contains(name)) return {409, message("Container " + name + " is not running")};
    const std::string id = "e" + std::to_string(execs_.size() + 1);
    execs_[id] = {name, body, {}};
    return {201, {{"Id", id}}};
}

}  // namespace csim
