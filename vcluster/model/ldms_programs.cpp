// ldmsd, ldms_ls and ldmsd_controller.
#include "vcluster/model/ldmsd.hpp"

#include <algorithm>
#include <sstream>

namespace csim::model {
namespace {

/// Makes the daemon and reads its configuration. Nonzero: it has not come up.
int bring_up(Call& call, const Options& options, Process& process) {
    Ldmsd::Options how;
    how.auth = options.value("a", "none");
    how.log = options.value("l");
    how.level = options.value("v", "ERROR");
    how.env = call.env;
    if (const auto given = call.env.find("LDMSD_PIDFILE"); given != call.env.end())
        how.pid_file = given->second;
    how.pid_file = options.value("r", how.pid_file);
    const std::string listen = options.value("x");
    const auto colon = listen.find(':');
    const std::string pid_file = how.pid_file;
    process.daemon = std::make_unique<Ldmsd>(call.world, call.node, how);
    auto& daemon = static_cast<Ldmsd&>(*process.daemon);
    daemon.self = &process;
    const auto give_up = [&](const std::string& why) {
        daemon.log("CRITICAL", why);
        call.err->put("ldmsd: " + why + "\n");
        return 1;
    };
    if (!listen.empty()) {
        const auto answer = daemon.command(
            "listen xprt=" + listen.substr(0, colon) +
            " port=" + (colon == std::string::npos ? "" : listen.substr(colon + 1)) + " auth=" + how.auth
        );
        if (answer.error != 0)
            return give_up("Error " + std::to_string(answer.error) + " listening: " + answer.text);
    }
    for (const std::string& file : options.values("c")) {
        NodeFile text;
        if (const int wrong = call.node.read(call.path(file), text); wrong != 0)
            return give_up("Failed to open the config file '" + file + "'. " + reason(wrong));
        if (!daemon.configure(text.content, file))
            return give_up("Configuration error in " + file + "; see the log");
    }
    NodeFile number;
    number.content = std::to_string(process.pid) + "\n";
    call.node.write(pid_file, number);
    daemon.log("INFO", "Enabling in-band config. Started LDMS Daemon version 4.3.0");
    return 0;
}

Task<int> ldmsd(Call& call) {
    const Options options = parse_options(call.arguments, "x:a:A:c:l:v:r:m:n:FVP:");
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    if (options.has("V")) {
        call.say("LDMSD Version: 4.3.0\nLDMSD Plugin Interface Version: 2.0\n");
        co_return 0;
    }
    if (!options.has("F")) {
        Process& daemon = call.world.add_daemon(call, nullptr);
        const int failed = bring_up(call, options, daemon);
        if (failed != 0) call.world.end(daemon, failed);
        co_return failed;
    }
    const int failed = bring_up(call, options, call.process);
    if (failed != 0) co_return failed;
    Occasion never;
    co_await Occasion::Wait(call.world.timeline(), never);
    co_return 0;
}

struct Reached {
    Ldmsd* daemon = nullptr;
    int status = 0;
};

/// Who listens there, after the time that takes.
Task<Reached> reach(Call& call, const Options& options, std::string program) {
    const std::string host = options.value("h", options.value("host", "localhost"));
    const std::string address = call.node.resolve(host);
    const std::string xprt = options.value("x", options.value("xprt", "sock"));
    if (address.empty()) {
        call.err->put(
            program + ": host " + host + " could not be resolved\nUsage: " + program +
            " -h HOST -x XPRT -p PORT [options] [NAME...]\n"
        );
        co_return Reached{nullptr, 1};
    }
    Node* other = address.starts_with("127.") ? &call.node : call.world.at_address(address);
    const Duration trip = other == nullptr ? Duration{} : 2 * call.world.latency(call.node, *other);
    co_await Pause(call.world.timeline(), trip);
    const int port = std::atoi(options.value("p", options.value("port", "411")).c_str());
    Ldmsd* daemon =
        other == nullptr || !call.world.linked(call.node, *other) ? nullptr : ldmsd_at(*other, port);
    if (daemon != nullptr &&
        !daemon->refusal(port, xprt, options.value("a", options.value("auth", "none")), call.node).empty())
        daemon = nullptr;
    if (daemon == nullptr) {
        call.say("Connection failed/rejected.\n");
        co_return Reached{nullptr, 1};
    }
    co_return Reached{daemon, 0};
}

bool chosen(const MetricSet& set, const Options& options) {
    if (options.operands.empty()) return true;
    const std::string& name = options.has("S") ? set.schema : set.instance;
    return std::any_of(options.operands.begin(), options.operands.end(), [&](const std::string& each) {
        if (!options.has("E")) return each == name;
        return std::regex_search(name, std::regex(each, std::regex::extended));
    });
}

Task<int> ldms_ls(Call& call) {
    const Options options = parse_options(call.arguments, "h:x:p:a:A:lvuw:m:ESIPV");
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    if (options.has("V")) {
        call.say("LDMS_LS Version: 4.3.0\n");
        co_return 0;
    }
    if (options.has("E"))
        for (const std::string& each : options.operands) {
            bool well = true;
            try {
                std::regex(each, std::regex::extended);
            } catch (const std::regex_error&) {
                well = false;
            }
            if (!well) co_return call.fail(1, "ldms_ls: invalid regular expression '" + each + "'");
        }
    const Reached reached = co_await reach(call, options, "ldms_ls");
    if (reached.daemon == nullptr) co_return reached.status;
    std::vector<std::shared_ptr<MetricSet>> sets;
    for (const auto& [instance, set] : reached.daemon->directory())
        if (chosen(*set, options)) sets.push_back(set);
    // The original has no order; ours is the reverse of the names, as its published example shows.
    std::reverse(sets.begin(), sets.end());
    const bool longer = options.has("l") || options.has("v");
    if (sets.empty() && !options.operands.empty()) {
        call.say(
            longer ? "ldms_ls: Error 2 looking up metric set.\n"
                   : "ldms_ls: No metric sets matched the given criteria\n"
        );
        co_return 0;
    }
    if (options.has("v")) {
        call.say(table_head());
        for (const auto& set : sets) call.say(table_row(*set));
        call.say(table_foot(sets));
    }
    for (const auto& set : sets) {
        if (options.has("l"))
            call.say(long_text(*set));
        else if (!options.has("v"))
            call.say(set->instance + "\n");
    }
    co_return 0;
}

Task<int> ldmsd_controller(Call& call) {
    const Options options = parse_options(
        call.arguments, "h:x:p:a:A:c:", {"host:", "xprt:", "port:", "auth:", "auth_arg:", "cmd:", "source:"}
    );
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    const Reached reached = co_await reach(call, options, "ldmsd_controller");
    if (reached.daemon == nullptr) co_return reached.status;
    const std::string text = options.has("cmd") ? options.value("cmd") : call.in->rest();
    std::istringstream lines(text);
    int status = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find_first_not_of(" \t");
        if (first == std::string::npos || line[first] == '#') continue;
        if (line.substr(first) == "quit") break;
        const CommandAnswer answer = reached.daemon->command(line.substr(first));
        if (answer.error != 0)
            status = call.fail(answer.error, "ERROR: " + std::to_string(answer.error) + ": " + answer.text);
        else if (!answer.text.empty())
            call.say(answer.text + "\n");
    }
    co_return status;
}

const Program rows[] = {
    {"ldms_ls", nullptr, ldms_ls},
    {"ldmsd", nullptr, ldmsd},
    {"ldmsd_controller", nullptr, ldmsd_controller}};

}  // namespace

std::span<const Program> ldms_programs() {
    return rows;
}

}  // namespace csim::model
