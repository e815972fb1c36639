#include "apps/cluster_sim/lxd_host_command.hpp"

#include "apps/shell/ready_file.hpp"
#include "apps/shell/stop_signals.hpp"
#include "net/http_server.hpp"
#include "net/socket.hpp"
#include "runtime/lxd_host/lxd_host.hpp"

#include <CLI/Validators.hpp>

#include <charconv>
#include <fstream>
#include <iostream>

namespace csim {
namespace {

std::string password_of(const LxdHostCommand& o) {
    if (o.trust_password_file.empty()) return o.trust_password;
    std::ifstream file(o.trust_password_file);
    std::string line;
    if (!std::getline(file, line) || line.empty())
        throw Fatal("cannot read a password from the first line of " + o.trust_password_file, 2);
    return line;
}

/// `RESOURCE=NODES` of --limit.
void limit(HostModel& model, const std::string& text) {
    const auto equals = text.find('=');
    std::uint64_t nodes = 0;
    const char* const end = text.data() + text.size();
    const char* const from = text.data() + std::min(equals, text.size() - 1) + 1;
    const auto [last, wrong] = std::from_chars(from, end, nodes);
    if (equals == std::string::npos || wrong != std::errc{} || last != end || nodes == 0)
        throw Fatal("--limit: '" + text + "' is not RESOURCE=NODES, such as memory=704", 2);
    if (const auto set = limit_nodes(model, text.substr(0, equals), nodes); !set)
        throw Fatal("--limit: " + set.error().detail, 2);
}

LxdHostOptions host_options(const LxdHostCommand& o) {
    auto model = host_model(o.model);
    if (!model) throw Fatal("--model: " + model.error().detail, 2);
    for (const std::string& each : o.limits) limit(*model, each);
    LxdHostOptions options{std::move(*model), o.seed, o.speed, o.name, o.folder, o.socket, o.listen};
    options.trust_password = password_of(o);
    if (!o.images.empty()) options.images = o.images;
    std::erase(options.images, "none");
    options.initialised = !o.uninitialised;
    return options;
}

bool is_loopback_address(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

HttpServerOptions control_options(const LxdHostCommand& o) {
    const auto at = parse_listen_address(o.control_listen);
    if (!at) throw Fatal("--control_listen: " + at.error().detail, 2);
    if (!is_loopback_address(at->first))
        throw Fatal(
            "--control_listen: the control port has no password and listens on a loopback address only", 2
        );
    HttpServerOptions options;
    options.address = at->first;
    options.port = at->second;
    options.body_bytes_max = 1u << 20;
    return options;
}

int lxd_host(const LxdHostCommand& o) {
    if (o.listen.empty() && o.socket.empty())
        throw Fatal("say where to listen: --socket PATH, --listen ADDRESS:PORT, or both", 2);
    if (!o.listen.empty())
        if (const auto at = parse_listen_address(o.listen); !at)
            throw Fatal("--listen: " + at.error().detail, 2);
    HttpServerOptions control = control_options(o);
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::realtime(o.speed));
    shell::StopSignals signals(loop.io(), [&loop] { loop.stop(); });
    LxdHost host(loop, timeline, host_options(o));
    if (o.populate > 0)
        if (const auto made = host.populate(o.prefix, o.populate, !o.populate_stopped); !made)
            throw Fatal("--populate: " + made.error().detail);
    HttpServer control_port(
        loop, std::move(control),
        [&host](HttpRequest request, const Peer&, Responder responder) {
            responder.reply(host.control(request));
        }
    );
    if (!o.socket.empty()) std::cout << "socket " << o.socket << "\n";
    if (!o.listen.empty()) {
        std::cout << "https port " << host.port() << "\nfingerprint " << host.fingerprint() << "\n";
        if (o.trust_password.empty() && o.trust_password_file.empty())
            std::cout << "no trust password: clients need a token, made through the socket\n";
    }
    shell::announce_ready("http://127.0.0.1:" + std::to_string(control_port.port()), o.ready_file);
    loop.run();
    return 0;
}

void add_where(CLI::App* command, LxdHostCommand& o) {
    command->add_option("--socket", o.socket, "Unix socket to listen on; whoever can open it is trusted")
        ->type_name("PATH");
    command->add_option("--listen", o.listen, "Where HTTPS listens; port 0: any free one")
        ->type_name("ADDRESS:PORT");
    command->add_option("--folder", o.folder, "Keep the host's key and certificate here (default: new ones)")
        ->type_name("DIR");
    command->add_option("--trust_password", o.trust_password, "What clients of HTTPS show once")
        ->type_name("WORD");
    command
        ->add_option(
            "--trust_password_file", o.trust_password_file, "The same, from the first line of a file"
        )
        ->type_name("FILE");
    command
        ->add_option(
            "--control_listen", o.control_listen, "Where faults are set; a loopback address. Port 0: any"
        )
        ->type_name("ADDRESS:PORT")
        ->capture_default_str();
    command->add_option("--ready_file", o.ready_file, "Write the control port's URL here once it serves")
        ->type_name("FILE");
}

}  // namespace

void add_lxd_host(CLI::App& app, LxdHostCommand& o, std::function<int()>& body) {
    CLI::App* command =
        app.add_subcommand("lxd-host", "A simulated container host for lxc, pylxd and lxd-benchmark");
    add_where(command, o);
    command
        ->add_option("--model", o.model, "What it costs and where it gives out: lxd-5, lxd-2015, roomy, ...")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--limit", o.limits, "So many running instances fit into a resource: memory=704")
        ->type_name("RESOURCE=NODES");
    command->add_option("--speed", o.speed, "Simulated seconds a second")
        ->check(CLI::Range(0.01, 10000.0))
        ->type_name("X")
        ->capture_default_str();
    command->add_option("--name", o.name, "What it calls itself")->type_name("NAME")->capture_default_str();
    command->add_option("--image", o.images, "Alias of a built-in image; none: begin without (default: base)")
        ->type_name("ALIAS");
    command->add_option("--populate", o.populate, "Begin with so many instances")->type_name("N");
    command->add_option("--prefix", o.prefix, "Beginning of their names")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--uninitialised", o.uninitialised, "Begin as a new host, before lxd init");
    command->add_flag("--populate_stopped", o.populate_stopped, "They are made and not started");
    command->callback([&o, &app, &body] {
        if (const CLI::Option* seed = app.get_option_no_throw("--seed"); seed != nullptr && seed->count() > 0)
            o.seed = seed->as<std::uint64_t>();
        body = [&o] { return lxd_host(o); };
    });
}

}  // namespace csim
