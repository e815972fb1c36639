// Who and where a program is, and what time it is there.
#include "core/utc.hpp"
#include "vcluster/model/programs.hpp"

#include <ctime>

namespace csim::model {
namespace {

int hostname(Call& call) {
    const Options options = parse_options(call.arguments, "sfiI");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (!options.operands.empty()) return call.fail(1, "hostname: you must be root to change the host name");
    const bool address = options.has("i") || options.has("I");
    call.say((address ? call.node.address : call.node.name) + "\n");
    return 0;
}

int uname(Call& call) {
    const Options options = parse_options(call.arguments, "anrsmv");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    std::string line;
    const auto part = [&](const char* letter, const std::string& text) {
        if (options.has("a") || options.has(letter)) line += (line.empty() ? "" : " ") + text;
    };
    if (options.given.empty()) line = "Linux";
    part("s", "Linux");
    part("n", call.node.name);
    part("r", "5.0.0-simulated");
    part("v", "#1 SMP");
    part("m", "x86_64");
    call.say(line + "\n");
    return 0;
}

int whoami(Call& call) {
    call.say(call.process.user + "\n");
    return 0;
}

int id(Call& call) {
    const Options options = parse_options(call.arguments, "ugn");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const std::string name = options.operands.empty() ? call.process.user : options.operands[0];
    const auto user = call.node.find_user(name);
    if (!user) return call.fail(1, "id: \xe2\x80\x98" + name + "\xe2\x80\x99: no such user");
    const std::string uid = std::to_string(user->uid), gid = std::to_string(user->gid);
    if (options.has("u")) {
        call.say((options.has("n") ? user->name : uid) + "\n");
    } else if (options.has("g")) {
        call.say((options.has("n") ? user->name : gid) + "\n");
    } else {
        const std::string group = gid + "(" + user->name + ")";
        call.say("uid=" + uid + "(" + user->name + ") gid=" + group + " groups=" + group + "\n");
    }
    return 0;
}

int date(Call& call) {
    const Options options = parse_options(call.arguments, "u", {"utc"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    std::string format = "%a %b %e %H:%M:%S UTC %Y";
    if (!options.operands.empty()) {
        if (!options.operands[0].starts_with("+"))
            return call.fail(1, "date: cannot set date: Operation not permitted");
        format = options.operands[0].substr(1);
    }
    const std::int64_t ns = call.world.timeline().now().unix_ns();
    for (std::size_t at; (at = format.find("%N")) != std::string::npos;) {
        std::string digits = std::to_string(ns % 1'000'000'000);
        format.replace(at, 2, std::string(9 - digits.size(), '0') + digits);
    }
    const std::time_t seconds = ns / 1'000'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[512];
    const std::size_t length = std::strftime(text, sizeof text, format.c_str(), &parts);
    call.say(std::string(text, length) + "\n");
    return 0;
}

int uptime(Call& call) {
    const auto up = call.world.timeline().now() - call.world.options().epoch;
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(up).count();
    call.say(
        " " + utc_text_bare(call.world.timeline().now()).substr(11, 8) + " up " + std::to_string(minutes) +
        " min,  0 users,  load average: 0.01, 0.05, 0.05\n"
    );
    return 0;
}

int nproc(Call& call) {
    call.say("1\n");
    return 0;
}

int env(Call& call) {
    const bool print = call.name().ends_with("printenv");
    if (print && call.arguments.size() == 2) {
        const auto found = call.env.find(call.arguments[1]);
        if (found == call.env.end()) return 1;
        call.say(found->second + "\n");
        return 0;
    }
    if (call.arguments.size() > 1) return option_not_modelled(call, call.arguments[1]);
    for (const auto& [name, value] : call.env) call.say(name + "=" + value + "\n");
    return 0;
}

int pwd(Call& call) {
    call.say(call.folder + "\n");
    return 0;
}

/// What the shell does itself is there as a program, too.
Task<int> by_shell(Call& call) {
    const std::string name = call.name().substr(call.name().rfind('/') + 1);
    std::vector<std::string> shell{"bash", "-c", name + " \"$@\"", name};
    shell.insert(shell.end(), call.arguments.begin() + 1, call.arguments.end());
    call.arguments = std::move(shell);
    const int status = co_await run_shell(call);
    co_return status;
}

const Program rows[] = {
    {"[", nullptr, by_shell},
    {"echo", nullptr, by_shell},
    {"printf", nullptr, by_shell},
    {"test", nullptr, by_shell},
    {"date", date},
    {"env", env},
    {"hostname", hostname},
    {"id", id},
    {"nproc", nproc},
    {"pwd", pwd},
    {"printenv", env},
    {"uname", uname},
    {"uptime", uptime},
    {"whoami", whoami},
    {"true", [](Call&) { return 0; }},
    {"false", [](Call&) { return 1; }},
};

}  // namespace

std::span<const Program> identity_programs() {
    return rows;
}

}  // namespace csim::model
