#include "runtime/simulated/node_commands.hpp"

#include "core/utc.hpp"
#include "runtime/simulated/node_shell.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace csim {
namespace {

using Words = std::vector<std::string>;

std::string full_path(const ExecSpec& spec, const std::string& path) {
    return path.starts_with("/") ? path : spec.folder + "/" + path;
}

CommandRun ended(int status, std::string out = "", std::string err = "") {
    return {{status, std::move(out), std::move(err)}, {}};
}

CommandRun cat(const CommandScene& scene, const ExecSpec& spec) {
    if (spec.command.size() == 1) return ended(0, spec.input);
    CommandRun run;
    for (std::size_t i = 1; i < spec.command.size(); ++i) {
        const auto file = scene.files.read(full_path(spec, spec.command[i]));
        if (file && file->type == NodeFile::Type::file) {
            run.result.out += file->content;
            continue;
        }
        run.result.status = 1;
        run.result.err +=
            "cat: " + spec.command[i] + (file ? ": Is a directory\n" : ": No such file or directory\n");
    }
    return run;
}

CommandRun echo(const CommandScene&, const ExecSpec& spec) {
    std::string out;
    for (std::size_t i = 1; i < spec.command.size(); ++i) out += (i > 1 ? " " : "") + spec.command[i];
    return ended(0, out + "\n");
}

CommandRun ls(const CommandScene& scene, const ExecSpec& spec) {
    const std::string path = spec.command.size() > 1 ? spec.command.back() : ".";
    const auto file = scene.files.read(full_path(spec, path));
    if (!file) return ended(2, "", "ls: cannot access '" + path + "': No such file or directory\n");
    if (file->type != NodeFile::Type::directory) return ended(0, path + "\n");
    std::string out;
    for (const std::string& name : file->entries) out += name + "\n";
    return ended(0, out);
}

CommandRun sleep_for(const CommandScene&, const ExecSpec& spec) {
    double seconds = 0;
    const std::string& text = spec.command.size() > 1 ? spec.command[1] : spec.command[0];
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (wrong != std::errc{} || end != text.data() + text.size() || !(seconds >= 0 && seconds < 1e6))
        return ended(1, "", "sleep: invalid time interval '" + text + "'\n");
    CommandRun run;
    run.takes = Duration(static_cast<std::int64_t>(seconds * 1e9));
    return run;
}

// Containers of that time showed their host's.
CommandRun uptime(const CommandScene& scene, const ExecSpec&) {
    char text[96];
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(scene.host_up).count();
    std::snprintf(
        text, sizeof text, " %s up %2lld:%02lld,  0 users,  load average: 0.01, 0.05, 0.05\n",
        utc_text_bare(scene.now).substr(11, 8).c_str(), static_cast<long long>(minutes / 60),
        static_cast<long long>(minutes % 60)
    );
    return ended(0, text);
}

CommandRun ping(const CommandScene&, const ExecSpec& spec) {
    int count = 4;
    std::string host;
    for (std::size_t i = 1; i < spec.command.size(); ++i) {
        if (spec.command[i] == "-c" && i + 1 < spec.command.size()) {
            count = std::max(1, std::min(std::atoi(spec.command[++i].c_str()), 100000));
        } else if (!spec.command[i].starts_with("-")) {
            host = spec.command[i];
        }
    }
    if (host.empty()) return ended(2, "", "ping: usage error: Destination address required\n");
    std::string out = "PING " + host + " (127.0.0.1) 56(84) bytes of data.\n";
    for (int i = 1; i <= count; ++i)
        out += "64 bytes from " + host + ": icmp_seq=" + std::to_string(i) + " ttl=64 time=0.045 ms\n";
    const std::string n = std::to_string(count);
    out += "\n--- " + host + " ping statistics ---\n" + n + " packets transmitted, " + n +
           " received, 0% packet loss\nrtt min/avg/max/mdev = 0.045/0.045/0.045/0.000 ms\n";
    CommandRun run = ended(0, out);
    run.takes = (count - 1) * Duration(1s);
    return run;
}

CommandRun env(const CommandScene&, const ExecSpec& spec) {
    std::string out;
    for (const auto& [name, value] : spec.environment) out += name + "=" + value + "\n";
    return ended(0, out);
}

CommandRun test_path(const CommandScene& scene, const ExecSpec& spec) {
    if (spec.command.size() < 3) return ended(spec.command.size() == 2 ? 0 : 1);
    const auto file = scene.files.read(full_path(spec, spec.command[2]));
    if (!file) return ended(1);
    if (spec.command[1] == "-d") return ended(file->type == NodeFile::Type::directory ? 0 : 1);
    if (spec.command[1] == "-f") return ended(file->type == NodeFile::Type::file ? 0 : 1);
    return ended(spec.command[1] == "-e" ? 0 : 2);
}

struct Program {
    std::string_view name;
    CommandRun (*run)(const CommandScene&, const ExecSpec&);
};

const Program programs[] = {
    {"cat", cat},
    {"echo", echo},
    {"env", env},
    {"false", [](const CommandScene&, const ExecSpec&) { return ended(1); }},
    {"hostname", [](const CommandScene& scene, const ExecSpec&) { return ended(0, scene.hostname + "\n"); }},
    {"id", [](const CommandScene&,
              const ExecSpec&) { return ended(0, "uid=0(root) gid=0(root) groups=0(root)\n"); }},
    {"ls", ls},
    {"ping", ping},
    {"pwd", [](const CommandScene&,
               const ExecSpec& spec) { return ended(0, (spec.folder.empty() ? "/" : spec.folder) + "\n"); }},
    {"sh", run_shell},
    {"sleep", sleep_for},
    {"test", test_path},
    {"true", [](const CommandScene&, const ExecSpec&) { return ended(0); }},
    {"uname", [](const CommandScene&, const ExecSpec&) { return ended(0, "Linux\n"); }},
    {"uptime", uptime},
};

}  // namespace

CommandRun run_command(const CommandScene& scene, const ExecSpec& spec) {
    if (spec.command.empty()) return ended(127, "", "no command\n");
    const std::string& asked = spec.command[0];
    const std::string name = asked.substr(asked.rfind('/') + 1);
    for (const Program& program : programs)
        if (program.name == name) return program.run(scene, spec);
    const auto file = scene.files.read(full_path(spec, asked));
    const bool there = asked.find('/') != std::string::npos && file;
    return ended(there ? 126 : 127, "", asked + (there ? ": cannot execute\n" : ": command not found\n"));
}

}  // namespace csim
