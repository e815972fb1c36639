// Programs that look at processes, end them, or only take time.
#include "core/duration_text.hpp"
#include "vcluster/model/programs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <regex>

namespace csim::model {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 12> signal_names{
    {{"HUP", SIGHUP},
     {"INT", SIGINT},
     {"QUIT", SIGQUIT},
     {"KILL", SIGKILL},
     {"USR1", SIGUSR1},
     {"USR2", SIGUSR2},
     {"PIPE", SIGPIPE},
     {"ALRM", SIGALRM},
     {"TERM", SIGTERM},
     {"CONT", SIGCONT},
     {"STOP", SIGSTOP},
     {"0", 0}}};

/// -1: no such signal.
int signal_of(std::string text) {
    if (text.starts_with("SIG")) text.erase(0, 3);
    int number = -1;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong == std::errc{} && end == text.data() + text.size()) return number;
    for (const auto& [name, value] : signal_names)
        if (name == text) return value;
    return -1;
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& each : words) all += (all.empty() ? "" : " ") + each;
    return all;
}

/// Processes as pgrep chooses them, without the one that asks.
std::vector<Process*> matching(Call& call, const Options& options, const std::string& pattern) {
    std::vector<Process*> found;
    const std::regex regex(pattern, std::regex::extended);
    for (auto& [pid, process] : call.node.processes) {
        if (process->ended || process.get() == &call.process) continue;
        const std::string text = options.has("f") ? joined(process->arguments) : process->comm;
        const bool matches =
            options.has("x") ? std::regex_match(text, regex) : std::regex_search(text, regex);
        if (!matches || (options.has("u") && options.value("u") != process->user)) continue;
        found.push_back(process.get());
    }
    return found;
}

int pgrep(Call& call) {
    const Options options = parse_options(call.arguments, "cxflau:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.size() != 1 && !options.has("u"))
        return call.fail(
            2, "pgrep: only one pattern can be provided\nTry `pgrep --help' for more information."
        );
    std::vector<Process*> found;
    try {
        found = matching(call, options, options.operands.empty() ? "" : options.operands[0]);
    } catch (const std::regex_error&) {
        return call.fail(2, "pgrep: Invalid regular expression");
    }
    if (options.has("c")) call.say(std::to_string(found.size()) + "\n");
    for (const Process* each : found) {
        if (options.has("c")) break;
        std::string line = std::to_string(each->pid);
        if (options.has("l")) line += " " + each->comm;
        if (options.has("a")) line += " " + joined(each->arguments);
        call.say(line + "\n");
    }
    return found.empty() ? 1 : 0;
}

/// Takes `-9`, `-TERM` and the like out of the arguments.
int take_signal(std::vector<std::string>& arguments, std::string& wrong) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::string text = arguments[i];
        if (text == "-s" && i + 1 < arguments.size()) {
            text = "-" + arguments[i + 1];
            arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
        } else if (text.size() < 2 || text[0] != '-' || std::islower(text[1] & 0x7f) != 0) {
            continue;
        }
        const int number = signal_of(text.substr(1));
        if (number < 0) wrong = text;
        arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
        return number;
    }
    return SIGTERM;
}

int pkill(Call& call) {
    std::string wrong;
    const int number = take_signal(call.arguments, wrong);
    Options options = parse_options(call.arguments, "xf");
    const bool all = call.name().ends_with("killall");
    if (all) options.given.emplace_back("x", "");
    if (!wrong.empty() || !options.wrong.empty()) return option_not_modelled(call, wrong + options.wrong);
    if (options.operands.size() != 1)
        return call.fail(
            2, "pkill: only one pattern can be provided\nTry `pkill --help' for more information."
        );
    std::vector<Process*> found;
    try {
        found = matching(call, options, options.operands[0]);
    } catch (const std::regex_error&) {
        return call.fail(2, "pkill: Invalid regular expression");
    }
    for (Process* each : found) call.world.signal(*each, number);
    if (all && found.empty()) return call.fail(1, options.operands[0] + ": no process found");
    return found.empty() ? 1 : 0;
}

int kill_one(Call& call) {
    std::string wrong;
    const int number = take_signal(call.arguments, wrong);
    if (!wrong.empty()) return option_not_modelled(call, wrong);
    int status = 0;
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        Process* process = call.node.find(std::atoi(call.arguments[i].c_str()));
        if (process == nullptr)
            status = call.fail(1, "kill: (" + call.arguments[i] + ") - No such process");
        else
            call.world.signal(*process, number);
    }
    return status;
}

int ps(Call& call) {
    const Options options = parse_options(call.arguments, "efp:o:A", {"no-headers"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    std::string columns = options.value("o", options.has("f") ? "user,pid,ppid,args" : "pid,comm");
    const bool bare = columns.ends_with("=");
    if (bare) columns.pop_back();
    std::vector<std::vector<std::string>> rows{{}};
    const auto cell = [&](const std::string& column, const Process& p) {
        if (column == "pid") return std::to_string(p.pid);
        if (column == "ppid") return std::to_string(p.parent);
        if (column == "user") return p.user;
        return column == "args" || column == "cmd" ? joined(p.arguments) : p.comm;
    };
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= columns.size();) {
        const auto end = std::min(columns.find(',', at), columns.size());
        names.push_back(columns.substr(at, end - at));
        if (!std::regex_match(names.back(), std::regex("pid|ppid|user|args|cmd|comm")))
            return option_not_modelled(call, names.back());
        at = end + 1;
    }
    std::string header, body;
    for (const std::string& name : names) {
        std::string upper = name;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) {
            return std::toupper(c);
        });
        header += (header.empty() ? "" : " ") + upper;
    }
    int shown = 0;
    for (auto& [pid, process] : call.node.processes) {
        if (process->ended || (options.has("p") && options.value("p") != std::to_string(pid))) continue;
        std::string line;
        for (const std::string& name : names) line += (line.empty() ? "" : " ") + cell(name, *process);
        body += line + "\n";
        ++shown;
    }
    call.say((bare || options.has("no-headers") ? "" : header + "\n") + body);
    return shown > 0 ? 0 : 1;
}

std::optional<Duration> span_of(const std::string& text) {
    double number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    const double scale = unit.empty() || unit == "s" ? 1
                         : unit == "m"               ? 60
                         : unit == "h"               ? 3600
                         : unit == "d"               ? 86400
                                                     : -1;
    if (wrong != std::errc{} || scale < 0 || !(number >= 0) || number * scale > 1e8) return std::nullopt;
    return Duration(static_cast<std::int64_t>(number * scale * 1e9));
}

Task<int> sleep_for(Call& call) {
    Duration sum{};
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        const auto span = span_of(call.arguments[i]);
        if (!span) co_return call.fail(1, "sleep: invalid time interval '" + call.arguments[i] + "'");
        sum += *span;
    }
    if (call.arguments.size() < 2) co_return call.fail(1, "sleep: missing operand");
    co_await Pause(call.world.timeline(), sum);
    co_return 0;
}

/// Runs what follows as a child, and waits for it.
Task<int> run_child(Call& call, std::vector<std::string> arguments, std::string user) {
    Launch launch;
    launch.arguments = std::move(arguments);
    launch.env = call.env;
    launch.folder = call.folder;
    launch.user = user.empty() ? call.process.user : user;
    launch.in = call.in;
    launch.out = call.out;
    launch.err = call.err;
    launch.parent = call.process.pid;
    launch.group = call.process.group;
    const auto status = std::make_shared<int>(-1);
    launch.on_end = [status](int ended) { *status = ended; };
    Process& child = call.world.launch(call.node, std::move(launch));
    if (!child.ended) co_await Occasion::Wait(call.world.timeline(), child.end);
    co_return *status;
}

Task<int> timeout(Call& call) {
    const Options options = parse_options(call.arguments, "s:k:", {}, true);
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    const auto span = options.operands.size() > 1 ? span_of(options.operands[0]) : std::nullopt;
    if (!span) co_return call.fail(125, "timeout: invalid time interval or missing operand");
    Process& self = call.process;
    bool late = false;
    const EventId limit = call.world.timeline().after(*span, [&call, &self, &late] {
        late = true;
        for (auto& [pid, process] : call.node.processes)
            if (process->parent == self.pid && !process->ended) return call.world.signal(*process, SIGTERM);
    });
    std::vector<std::string> rest(options.operands.begin() + 1, options.operands.end());
    // The event must not outlive this frame.
    struct Cancel {
        Timeline& timeline;
        EventId id;
        ~Cancel() { timeline.cancel(id); }
    } cancel{call.world.timeline(), limit};
    const int status = co_await run_child(call, std::move(rest), "");
    co_return late ? 124 : status;
}

Task<int> nohup(Call& call) {
    std::vector<std::string> rest(call.arguments.begin() + 1, call.arguments.end());
    if (rest.empty()) co_return call.fail(125, "nohup: missing operand");
    const int status = co_await run_child(call, std::move(rest), "");
    co_return status;
}

Task<int> su(Call& call) {
    std::vector<std::string> words = call.arguments;
    const Options options = parse_options(words, "s:c:l");
    if (!options.wrong.empty()) co_return option_not_modelled(call, options.wrong);
    const std::string name = options.operands.empty() ? "root" : options.operands.back();
    if (!call.node.find_user(name)) co_return call.fail(1, "su: user " + name + " does not exist");
    std::vector<std::string> command{"bash", "-c", options.value("c", "true")};
    const int status = co_await run_child(call, std::move(command), name);
    co_return status;
}

const Program rows[] = {
    {"kill", kill_one},
    {"killall", pkill},
    {"nohup", nullptr, nohup},
    {"pgrep", pgrep},
    {"pkill", pkill},
    {"ps", ps},
    {"sleep", nullptr, sleep_for},
    {"su", nullptr, su},
    {"timeout", nullptr, timeout},
};

}  // namespace

std::span<const Program> process_programs() {
    return rows;
}

}  // namespace csim::model
