// slurmctld and slurmd, as they are started.
#include "core/utc.hpp"
#include "vcluster/model/services.hpp"
#include "vcluster/model/slurm.hpp"

namespace csim::model {
namespace {

std::string stamp(Node& node) {
    return "[" + utc_text_bare(node.world.timeline().now()).substr(0, 19) + ".000] ";
}

NodeFile pid_file(int pid) {
    NodeFile file;
    file.content = std::to_string(pid) + "\n";
    return file;
}

int fatal(Call& call, const std::string& log, const std::string& text) {
    call.node.append(log, stamp(call.node) + "fatal: " + text + "\n");
    return call.fail(1, call.name().substr(call.name().rfind('/') + 1) + ": fatal: " + text);
}

int version(Call& call) {
    call.say("slurm 22.05.8\n");
    return 0;
}

int slurmctld(Call& call) {
    const Options options = parse_options(call.arguments, "Vcf:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.has("V")) return version(call);
    const auto conf = slurm_conf_of(call.node, call.env);
    if (!conf) return fatal(call, "/var/log/slurmctld.log", conf.error().detail);
    if (conf->controller != call.node.name)
        return fatal(call, conf->controller_log, "This host (" + call.node.name + ") not a valid controller");
    if (munged_of(call.node) == nullptr)
        return fatal(
            call, conf->controller_log,
            "auth/munge: Failed to access \"" + std::string(munge_socket) + "\": is munged running?"
        );
    if (!call.node.exists(conf->state))
        return fatal(call, conf->controller_log, "mkdir(" + conf->state + "): No such file or directory");
    if (call.node.ports.contains(conf->controller_port))
        return fatal(call, conf->controller_log, "Error binding slurm stream socket: Address already in use");
    Process& daemon = call.world.add_daemon(call, nullptr);
    daemon.daemon = std::make_unique<SlurmCtld>(call.world, call.node, *conf);
    daemon.daemon->self = &daemon;
    call.node.ports[conf->controller_port] = {daemon.pid, "slurm"};
    call.node.write(conf->controller_pid, pid_file(daemon.pid));
    // Those that are up hear of it and register again.
    for (Slurmd* each : call.world.daemons<Slurmd>()) each->register_soon();
    return 0;
}

int slurmd(Call& call) {
    const Options options = parse_options(call.arguments, "VN:C");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.has("V")) return version(call);
    if (options.has("C")) {
        call.say(
            "NodeName=" + call.node.name +
            " CPUs=1 Boards=1 SocketsPerBoard=1 CoresPerSocket=1 ThreadsPerCore=1 RealMemory=3934\n"
        );
        return 0;
    }
    const auto conf = slurm_conf_of(call.node, call.env);
    if (!conf) return fatal(call, "/var/log/slurmd.log", conf.error().detail);
    bool listed = false;
    for (const auto& line : conf->nodes) listed = listed || line.name == call.node.name;
    if (!listed) return fatal(call, conf->slurmd_log, "Unable to determine this slurmd's NodeName");
    if (munged_of(call.node) == nullptr)
        return fatal(
            call, conf->slurmd_log,
            "auth/munge: Failed to access \"" + std::string(munge_socket) + "\": is munged running?"
        );
    if (call.node.ports.contains(conf->slurmd_port))
        return fatal(
            call, conf->slurmd_log,
            "Unable to bind listen port (" + std::to_string(conf->slurmd_port) + "): Address already in use"
        );
    Process& daemon = call.world.add_daemon(call, std::make_unique<Slurmd>(call.world, call.node, *conf));
    call.node.ports[conf->slurmd_port] = {daemon.pid, "slurm"};
    call.node.write(conf->slurmd_pid, pid_file(daemon.pid));
    call.node.append(conf->slurmd_log, stamp(call.node) + "slurmd version 22.05.8 started\n");
    call.node.daemon<Slurmd>()->register_soon();
    return 0;
}

const Program rows[] = {{"slurmctld", slurmctld}, {"slurmd", slurmd}};

}  // namespace

void Slurmd::register_soon() {
    const auto munged = munged_of(node_);
    const std::string key = munged == nullptr ? "" : munged->key();
    registering_ = world_.timeline().after(world_.options().latency, [this, key] {
        SlurmCtld* controller = controller_of(node_);
        if (controller == nullptr) return;
        const Munged* theirs = munged_of(controller->node());
        if (theirs == nullptr || theirs->key() != key) {
            node_.append(
                conf_.slurmd_log, stamp(node_) + "error: Unable to register: Protocol authentication error\n"
            );
            return;
        }
        controller->registered(node_.name);
    });
}

Slurmd::~Slurmd() {
    world_.timeline().cancel(registering_);
    if (SlurmCtld* controller = controller_of(node_)) controller->lost(node_.name);
}

void Slurmd::ending() {
    node_.remove(conf_.slurmd_pid);
}

std::span<const Program> slurm_daemon_programs() {
    return rows;
}

}  // namespace csim::model
