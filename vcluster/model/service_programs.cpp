#include "core/hex.hpp"
#include "core/utc.hpp"
#include "vcluster/model/services.hpp"

#include <openssl/evp.h>

#include <cerrno>
#include <sstream>

namespace csim::model {
namespace {

std::string digest_of(const std::string& text) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), raw, &length, EVP_sha256(), nullptr);
    return hex_text({reinterpret_cast<char*>(raw), length});
}

NodeFile file_of(std::string content, unsigned mode, Process& process) {
    NodeFile file;
    file.content = std::move(content);
    file.mode = mode;
    const auto user = process.node.find_user(process.user);
    if (user) file.uid = user->uid, file.gid = user->gid;
    return file;
}

int munged(Call& call) {
    const Options options = parse_options(
        call.arguments, "S:fFhV",
        {"socket:", "key-file:", "pid-file:", "log-file:", "seed-file:", "force", "help", "version"}
    );
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.has("h") || options.has("help")) {
        call.say("Usage: munged [OPTIONS]\n  -S, --socket=PATH\n  --key-file=PATH\n  --pid-file=PATH\n");
        return 0;
    }
    const std::string socket = options.value("socket", options.value("S", munge_socket));
    const std::string key_path = options.value("key-file", "/etc/munge/munge.key");
    const std::string pid_file = options.value("pid-file", "/run/munge/munged.pid");
    NodeFile key;
    const std::string error = "munged: Error: ";
    if (const int wrong = call.node.read(key_path, key); wrong != 0)
        return call.fail(1, error + "Failed to check keyfile \"" + key_path + "\": " + reason(wrong));
    const auto user = call.node.find_user(call.process.user);
    if (user && key.uid != user->uid && user->uid != 0)
        return call.fail(
            1, error + "Keyfile is insecure: \"" + key_path + "\" should be owned by UID " +
                   std::to_string(user->uid)
        );
    if ((key.mode & 077) != 0)
        return call.fail(
            1, error + "Keyfile is insecure: \"" + key_path +
                   "\" should not be readable or writable by group or world"
        );
    if (key.content.size() < 32)
        return call.fail(1, error + "Keyfile must be at least 32 bytes: \"" + key_path + "\"");
    if (munged_of(call.node, socket) != nullptr)
        return call.fail(1, error + "Failed to lock \"" + socket + ".lock\": another daemon has it");
    if (const int wrong = call.node.write(socket, file_of("", 0777, call.process)); wrong != 0)
        return call.fail(1, error + "Failed to bind socket \"" + socket + "\": " + reason(wrong));
    Process& daemon = call.world.add_daemon(
        call, std::make_unique<Munged>(call.node, socket, pid_file, digest_of(key.content))
    );
    call.node.write(pid_file, file_of(std::to_string(daemon.pid) + "\n", 0644, call.process));
    return 0;
}

int munge(Call& call) {
    const Options options = parse_options(call.arguments, "nS:", {"socket:", "no-input"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const std::string socket = options.value("socket", options.value("S", munge_socket));
    const Munged* daemon = munged_of(call.node, socket);
    if (daemon == nullptr)
        return call.fail(6, "munge: Error: Failed to access \"" + socket + "\": No such file or directory");
    const std::string when = std::to_string(call.world.timeline().now().unix_ns());
    const std::string payload = options.has("n") ? "" : call.in->rest();
    const std::string body =
        daemon->key() + "\n" + call.node.name + "\n" + call.process.user + "\n" + when + "\n" + payload;
    call.say("MUNGE:" + base64_text(body) + ":\n");
    return 0;
}

int unmunge(Call& call) {
    const Options options = parse_options(call.arguments, "S:", {"socket:"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const std::string socket = options.value("socket", options.value("S", munge_socket));
    const Munged* daemon = munged_of(call.node, socket);
    if (daemon == nullptr)
        return call.fail(6, "unmunge: Error: Failed to access \"" + socket + "\": No such file or directory");
    std::string text = call.in->rest();
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    const bool framed = text.starts_with("MUNGE:") && text.ends_with(":") && text.size() > 7;
    const auto body = framed ? parse_base64(text.substr(6, text.size() - 7)) : Error{Errc::bad_argument, ""};
    if (!body) return call.fail(15, "unmunge: Error: Invalid credential format");
    std::istringstream lines(*body);
    std::string key, host, user, when, payload;
    std::getline(lines, key) && std::getline(lines, host) && std::getline(lines, user) &&
        std::getline(lines, when);
    payload.assign(std::istreambuf_iterator<char>(lines), {});
    if (key != daemon->key()) return call.fail(15, "unmunge: Error: Invalid credential");
    const SimTime at = SimTime::from_unix_ns(std::strtoll(when.c_str(), nullptr, 10));
    const unsigned uid = call.node.find_user(user).value_or(User{}).uid;
    call.say(
        "STATUS:           Success (0)\nENCODE_HOST:      " + host +
        "\nENCODE_TIME:      " + utc_text_bare(at) + "\nUID:              " + user + " (" +
        std::to_string(uid) + ")\nLENGTH:           " + std::to_string(payload.size()) + "\n\n" + payload
    );
    return 0;
}

int ssh_keygen(Call& call) {
    const Options options = parse_options(call.arguments, "qN:f:t:b:C:A");
    if (!options.wrong.empty() || (!options.has("f") && !options.has("A")))
        return option_not_modelled(call, options.wrong);
    const auto make = [&](const std::string& type, const std::string& path) {
        const std::string kind = type == "rsa"     ? "ssh-rsa"
                                 : type == "ecdsa" ? "ecdsa-sha2-nistp256"
                                                   : "ssh-" + type;
        std::string secret;
        for (int i = 0; i < 4; ++i) secret += std::to_string(call.world.rng().next());
        const std::string open = base64_text(digest_of(secret));
        const int wrong = call.node.write(
            path, file_of(
                      "-----BEGIN SIMULATED PRIVATE KEY-----\n" + base64_text(secret) +
                          "\n-----END SIMULATED PRIVATE KEY-----\n",
                      0600, call.process
                  )
        );
        if (wrong != 0) return wrong;
        const std::string comment = options.value("C", call.process.user + "@" + call.node.name);
        return call.node.write(
            path + ".pub", file_of(kind + " " + open + " " + comment + "\n", 0644, call.process)
        );
    };
    if (options.has("A")) {
        for (const char* type : {"rsa", "ecdsa", "ed25519"})
            if (!call.node.exists("/etc/ssh/ssh_host_" + std::string(type) + "_key"))
                make(type, "/etc/ssh/ssh_host_" + std::string(type) + "_key");
        return 0;
    }
    const std::string path = call.path(options.value("f"));
    if (call.node.exists(path)) return call.fail(1, path + " already exists.");
    const int wrong = make(options.value("t", "rsa"), path);
    return wrong == 0 ? 0 : call.fail(1, "Saving key \"" + path + "\" failed: " + reason(wrong));
}

std::vector<std::string> host_keys(Node& node) {
    std::vector<std::string> keys;
    for (const char* type : {"rsa", "ecdsa", "ed25519"}) {
        const std::string key = node.text_of("/etc/ssh/ssh_host_" + std::string(type) + "_key.pub");
        std::istringstream words(key);
        std::string kind, body;
        if (words >> kind >> body) keys.push_back(kind + " " + body);
    }
    return keys;
}

int sshd(Call& call) {
    const Options options = parse_options(call.arguments, "");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (!call.name().starts_with("/"))
        return call.fail(255, "sshd re-exec requires execution with an absolute path");
    if (host_keys(call.node).empty()) return call.fail(1, "sshd: no hostkeys available -- exiting.");
    if (!call.node.exists("/run/sshd"))
        return call.fail(255, "Missing privilege separation directory: /run/sshd");
    if (call.node.ports.contains(22))
        return call.fail(255, "error: Bind to port 22 on 0.0.0.0 failed: Address already in use.");
    Process& daemon = call.world.add_daemon(call, std::make_unique<Sshd>(call.node));
    call.node.ports[22] = {daemon.pid, "ssh"};
    call.node.write("/run/sshd.pid", file_of(std::to_string(daemon.pid) + "\n", 0644, call.process));
    return 0;
}

Node* target_of(Call& call, const std::string& host) {
    const std::string address = call.node.resolve(host);
    return address.starts_with("127.") ? &call.node : call.world.at_address(address);
}

int ssh_keyscan(Call& call) {
    const Options options = parse_options(call.arguments, "t:T:H");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    for (const std::string& host : options.operands) {
        Node* other = target_of(call, host);
        if (other == nullptr || !call.world.linked(call.node, *other) || other->daemon<Sshd>() == nullptr)
            continue;
        for (const std::string& key : host_keys(*other)) call.say(host + " " + key + "\n");
    }
    return 0;
}

bool holds_key_for(Call& call, Node& other, const std::string& home) {
    const std::string allowed = other.text_of("/root/.ssh/authorized_keys");
    for (const char* name : {"id_rsa", "id_ecdsa", "id_ed25519"}) {
        std::istringstream words(call.node.text_of(home + "/.ssh/" + name + ".pub"));
        std::string kind, body;
        if (words >> kind >> body && !body.empty() && allowed.find(body) != std::string::npos) return true;
    }
    return false;
}

bool knows(Call& call, Node& other, const std::string& host, const std::string& home) {
    std::istringstream lines(call.node.text_of(home + "/.ssh/known_hosts"));
    const auto keys = host_keys(other);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string names, kind, body;
        words >> names >> kind >> body;
        const bool named = ("," + names + ",").find("," + host + ",") != std::string::npos;
        for (const std::string& key : keys)
            if (named && key == kind + " " + body) return true;
    }
    return false;
}

Task<int> ssh(Call& call) {
    const Options options = parse_options(call.arguments, "o:p:i:l:qnTtx", {}, true);
    if (!options.wrong.empty() || options.operands.empty())
        co_return option_not_modelled(call, options.wrong);
    std::string host = options.operands[0];
    host = host.substr(host.find('@') == std::string::npos ? 0 : host.find('@') + 1);
    if (call.node.resolve(host).empty())
        co_return call.fail(255, "ssh: Could not resolve hostname " + host + ": Name or service not known");
    Node* other = target_of(call, host);
    const Duration trip = other == nullptr ? Duration{} : 4 * call.world.latency(call.node, *other);
    co_await Pause(call.world.timeline(), trip);
    if (other == nullptr || !call.world.linked(call.node, *other))
        co_return call.fail(255, "ssh: connect to host " + host + " port 22: No route to host");
    if (other->daemon<Sshd>() == nullptr)
        co_return call.fail(255, "ssh: connect to host " + host + " port 22: Connection refused");
    const std::string home = call.node.find_user(call.process.user).value_or(User{}).home;
    const auto settings = options.values("o");
    const bool lax =
        std::find(settings.begin(), settings.end(), "StrictHostKeyChecking=no") != settings.end();
    if (!lax && !knows(call, *other, host, home)) co_return call.fail(255, "Host key verification failed.");
    if (!holds_key_for(call, *other, home))
        co_return call.fail(255, "root@" + host + ": Permission denied (publickey).");
    std::string text;
    for (std::size_t i = 1; i < options.operands.size(); ++i)
        text += (i > 1 ? " " : "") + options.operands[i];
    if (text.empty()) co_return option_not_modelled(call, "interactive session");
    Launch launch;
    launch.arguments = {"bash", "-c", text};
    launch.env = {{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}, {"HOME", "/root"}, {"USER", "root"}};
    launch.folder = "/root";
    launch.in = options.has("n") ? nullptr : call.in;
    launch.out = call.out;
    launch.err = call.err;
    const auto status = std::make_shared<int>(255);
    launch.on_end = [status](int ended) { *status = ended; };
    Process& remote = call.world.launch(*other, std::move(launch));
    if (!remote.ended) co_await Occasion::Wait(call.world.timeline(), remote.end);
    co_return *status;
}

const Program rows[] = {
    {"ldconfig", [](Call&) { return 0; }},
    {"munge", munge},
    {"munged", munged},
    {"ssh", nullptr, ssh},
    {"ssh-keygen", ssh_keygen},
    {"ssh-keyscan", ssh_keyscan},
    {"sshd", sshd},
    {"unmunge", unmunge},
};

}  // namespace

void Munged::ending() {
    node_.remove(socket_);
    node_.remove(pid_file_);
}

Munged* munged_of(Node& node, const std::string& socket) {
    return node.daemon<Munged>([&](const Munged& each) { return each.socket() == socket; });
}

std::span<const Program> service_programs() {
    return rows;
}

}  // namespace csim::model
