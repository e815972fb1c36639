#include "apps/cluster_sim/vcluster_options.hpp"

#include <CLI/Validators.hpp>

namespace csim {
namespace {

using Body = std::function<int()>;
using Command = int (*)(const VclusterOptions&);

CLI::App* add(
    CLI::App* all, const char* name, const char* help, VclusterOptions& o, Body& body, Command run
) {
    CLI::App* command = all->add_subcommand(name, help);
    command->add_flag("--json", o.json, "For programs");
    command->callback([&o, &body, run] { body = [&o, run] { return run(o); }; });
    return command;
}

void add_name(CLI::App* command, VclusterOptions& o) {
    command->add_option("cluster", o.name, "Which cluster")->required()->type_name("NAME");
}

void add_where(CLI::App* command, VclusterOptions& o) {
    command->add_option("where", o.where, "NAME is the cluster's service node, NAME:NODE another one")
        ->required()
        ->type_name("NAME[:NODE]");
}

void add_limit(CLI::App* command, VclusterOptions& o) {
    command->add_option("--timeout", o.limit, "How long it may take to be ready")
        ->type_name("SPAN")
        ->capture_default_str();
}

void add_backend(CLI::App* command, VclusterOptions& o) {
    command->add_option("--backend", o.backend, "What nodes are made of, whatever the specification says")
        ->check(CLI::IsMember({"simulated", "namespaces", "docker"}))
        ->type_name("NAME");
}

void add_spec(CLI::App* command, VclusterOptions& o) {
    command->add_option("spec", o.spec, "A file, or - for standard input")->required()->type_name("SPEC");
    add_backend(command, o);
}

void add_clusters(CLI::App* all, VclusterOptions& o, Body& body) {
    add_spec(add(all, "check", "Read a specification and show what it becomes", o, body, vcluster_check), o);
    CLI::App* create = add(all, "create", "Make a cluster", o, body, vcluster_create);
    add_spec(create, o);
    create->add_flag("--keep_failed", o.keep_failed, "When it fails, keep what has been made so far");
    CLI::App* get = add(all, "get", "Show a cluster", o, body, vcluster_get);
    get->add_option("cluster", o.name, "Its name, or a specification's file: then it must be the same one")
        ->required()
        ->type_name("NAME|SPEC");
    CLI::App* either =
        add(all, "get-or-create", "Make a cluster unless it is there", o, body, vcluster_get_or_create);
    add_spec(either, o);
    either->add_flag("--replace", o.replace, "Remove and make again what is not complete or is another one");
    add(all, "list", "List the clusters", o, body, vcluster_list)
        ->add_flag("--long", o.longer, "With their nodes");
    CLI::App* remove = add(all, "remove", "Remove clusters, and nothing else", o, body, vcluster_remove);
    remove->add_option("cluster", o.names, "Which")->type_name("NAME");
    remove->add_flag("--all", o.all, "All of them");
    remove->add_flag("--force", o.force, "Also a Docker cluster that another program has made");
    remove->add_flag("--leftovers", o.leftovers, "Whatever commands left behind that died in the middle");
    add_name(add(all, "hosts", "Show what /etc/hosts has on every node", o, body, vcluster_hosts), o);
    CLI::App* conf =
        add(all, "conf", "Show slurm.conf and the daemons' configurations", o, body, vcluster_conf);
    add_name(conf, o);
    add(all, "commands", "List what simulated nodes can run", o, body, vcluster_commands);
    CLI::App* serve =
        add(all, "serve", "Offer these operations as XML-RPC and JSON-RPC", o, body, vcluster_serve);
    serve->add_option("--address", o.address, "Of this machine")->type_name("ADDRESS")->capture_default_str();
    serve->add_option("--port", o.port, "0: any free one")
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT")
        ->capture_default_str();
    serve
        ->add_option(
            "--control_token", o.control_token, "What requests must show as 'Authorization: Bearer WORD'"
        )
        ->type_name("WORD");
    serve->add_option("--ready_file", o.path, "Write the URL there once it accepts connections")
        ->type_name("FILE");
    serve->add_flag(
        "--guard", o.guard, "End with standard input, and then remove the clusters that vcluster.create made"
    );
    add(all, "doctor", "Check which backends this machine offers", o, body, vcluster_doctor);
}

void add_nodes(CLI::App* all, VclusterOptions& o, Body& body) {
    CLI::App* exec =
        add(all, "exec", "Run a program on a node: exec NAME:NODE -- CMD ARGS", o, body, vcluster_exec);
    add_where(exec, o);
    exec->add_option("command", o.command, "One word with blanks is a text for the node's shell")
        ->required()
        ->type_name("CMD");
    exec->add_option("-e,--env", o.env, "Another variable; may be repeated")->type_name("NAME=VALUE");
    exec->add_option("-u,--user", o.user, "Who runs it: a name or uid[:gid]")->type_name("USER");
    exec->add_option("-w,--workdir", o.folder, "Where it runs")->type_name("DIR");
    exec->add_flag("-d,--detach", o.detach, "Do not wait for it; its output goes nowhere");
    exec->add_flag("-i,--input", o.input, "Give it standard input");
    exec->add_option("--timeout", o.limit, "End it and its children after this span (default: none)")
        ->type_name("SPAN");
    CLI::App* read = add(all, "read", "Copy a file of a node to standard output", o, body, vcluster_read);
    add_where(read, o);
    read->add_option("path", o.path, "Absolute")->required()->type_name("PATH");
    CLI::App* write = add(all, "write", "Copy standard input, or a file, to a node", o, body, vcluster_write);
    add_where(write, o);
    write->add_option("path", o.path, "Absolute")->required()->type_name("PATH");
    write->add_option("--from", o.from, "A file of this machine")->type_name("FILE");
    write->add_option("--mode", o.mode, "Permissions, octal")->type_name("MODE")->capture_default_str();
    write->add_flag("--mkdirs", o.folders, "Make the folders above it");
    add_where(add(all, "shell", "A shell on a node", o, body, vcluster_shell), o);
}

CLI::App* add_service(
    CLI::App* all, const char* name, const char* help, VclusterOptions& o, Body& body, Command run
) {
    CLI::App* command = add(all, name, help, o, body, run);
    add_name(command, o);
    command->add_option("service", o.service, "sshd, munged, slurm, ldmsd or all")->type_name("SERVICE");
    command->add_option("--node", o.node, "Only there")->type_name("NODE");
    add_limit(command, o);
    return command;
}

void add_services(CLI::App* all, VclusterOptions& o, Body& body) {
    add_service(all, "start", "Start a service and wait until it is ready", o, body, vcluster_start)
        ->add_flag("--waits", o.waits, "Tell how late readiness was noticed at most");
    add_service(all, "stop", "Stop a service", o, body, vcluster_stop);
    add_service(all, "restart", "Stop and start a service", o, body, vcluster_restart);
    add_name(add(all, "status", "Show nodes and services", o, body, vcluster_status), o);
    CLI::App* logs = add(all, "logs", "Show the end of a service's log on a node", o, body, vcluster_logs);
    add_where(logs, o);
    logs->add_option("service", o.service, "munged, slurmctld, slurmd or ldmsd (default: all that are there)")
        ->type_name("SERVICE");
    logs->add_option("--lines", o.lines, "How many lines")->type_name("N")->capture_default_str();
    CLI::App* sbatch =
        add(all, "sbatch", "Submit a script of the service node: sbatch NAME SCRIPT [-- OPTIONS]", o, body,
            vcluster_sbatch);
    add_name(sbatch, o);
    sbatch->add_option("script", o.path, "Absolute path on the service node")->required()->type_name("PATH");
    sbatch->add_option("arguments", o.command, "Options for sbatch, behind --")->type_name("OPTION");
    CLI::App* squeue = add(all, "squeue", "List jobs, or one", o, body, vcluster_squeue);
    add_name(squeue, o);
    squeue->add_option("job", o.job, "Its number")->type_name("ID");
    CLI::App* scancel = add(all, "scancel", "Cancel a job", o, body, vcluster_scancel);
    add_name(scancel, o);
    scancel->add_option("job", o.job, "Its number")->required()->type_name("ID");
    CLI::App* wait_job = add(all, "wait-job", "Wait until a job has ended", o, body, vcluster_wait_job);
    add_name(wait_job, o);
    wait_job->add_option("job", o.job, "Its number")->required()->type_name("ID");
    add_limit(wait_job, o);
    CLI::App* ldms_ls =
        add(all, "ldms-ls", "Run ldms_ls on the service node: ldms-ls NAME -- OPTIONS", o, body,
            vcluster_ldms_ls);
    add_name(ldms_ls, o);
    ldms_ls->add_option("arguments", o.command, "Options for ldms_ls, behind --")->type_name("OPTION");
    ldms_ls->add_option("--from", o.node, "Ask from another node")->type_name("NODE");
    CLI::App* wait_sets =
        add(all, "wait-sets", "Wait until a metric daemon lists exactly these sets", o, body,
            vcluster_wait_sets);
    add_name(wait_sets, o);
    wait_sets->add_option("host", o.host, "Whose daemon")->required()->type_name("HOST");
    wait_sets->add_option("sets", o.sets, "Names of instances")->type_name("SET");
    add_limit(wait_sets, o);
}

void add_whole_runs(CLI::App* all, VclusterOptions& o, Body& body) {
    CLI::App* run =
        add(all, "run", "Make a scenario's cluster, run its steps, remove it", o, body, vcluster_run);
    run->add_option("scenario", o.spec, "A file, or - for standard input")->required()->type_name("SCENARIO");
    add_backend(run, o);
    run->add_option("--tada", o.tada, "Report assertions to this test report daemon")
        ->type_name("HOST[:PORT]");
    run->add_flag("--keep_failed", o.keep_failed, "Keep the cluster when a step fails");
    CLI::App* build =
        add(all, "build", "Run a command on a node of its own: build [OPTIONS] -- COMMAND", o, body,
            vcluster_build);
    build->add_option("command", o.command, "What to run, behind --")->required()->type_name("COMMAND");
    add_backend(build, o);
    build->add_option("--image", o.image, "Of the node, as in a specification")
        ->type_name("IMAGE")
        ->capture_default_str();
    build->add_option("--mount", o.mounts, "SOURCE:TARGET[:ro|rw], may be repeated")
        ->allow_extra_args(false)
        ->type_name("MOUNT");
    build->add_option("--out", o.out, "A folder of this machine, made if need be, that is /opt/ovis there")
        ->type_name("FOLDER");
    build->add_option("--workdir", o.folder, "Where the command runs")->type_name("PATH");
    build->add_flag("--keep_failed", o.keep_failed, "Keep the node when the command fails");
}

}  // namespace

void add_vcluster(CLI::App& app, VclusterOptions& o, Body& body) {
    CLI::App* all =
        app.add_subcommand("vcluster", "Virtual clusters from a specification: nodes, services, jobs");
    all->require_subcommand(1);
    add_clusters(all, o, body);
    add_nodes(all, o, body);
    add_services(all, o, body);
    add_whole_runs(all, o, body);
}

}  // namespace csim
