// What is written down at the moment when something wedges.
#include "runtime/lifecycle/evidence.hpp"

#include <dirent.h>
#include <fstream>

namespace csim {
namespace {

struct Seen {
    std::int64_t parent = 0;
    char state = '?';
    std::string waits, command;
};

std::string whole(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// `pid (command) S ppid ...`; the command may hold anything, brackets too.
bool read_process(const std::string& pid, Seen& seen) {
    const std::string stat = whole("/proc/" + pid + "/stat");
    const auto open = stat.find('('), close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close + 4 >= stat.size()) return false;
    seen.command = stat.substr(open + 1, close - open - 1);
    seen.state = stat[close + 2];
    seen.parent = std::strtoll(stat.c_str() + close + 4, nullptr, 10);
    seen.waits = whole("/proc/" + pid + "/wchan");
    if (seen.waits.empty() || seen.waits == "0") seen.waits = "-";
    return true;
}

std::map<std::int64_t, Seen> processes() {
    std::map<std::int64_t, Seen> all;
    DIR* folder = ::opendir("/proc");
    if (folder == nullptr) return all;
    while (const dirent* entry = ::readdir(folder)) {
        const std::int64_t pid = std::strtoll(entry->d_name, nullptr, 10);
        Seen seen;
        if (pid > 0 && read_process(entry->d_name, seen)) all.emplace(pid, std::move(seen));
    }
    ::closedir(folder);
    return all;
}

void write_below(
    std::string& text, std::int64_t parent, std::size_t depth,
    const std::map<std::int64_t, std::vector<std::int64_t>>& children, const std::map<std::int64_t, Seen>& all
) {
    constexpr std::size_t depth_max = 64;
    const auto found = children.find(parent);
    if (found == children.end() || depth > depth_max) return;
    for (const std::int64_t pid : found->second) {
        const Seen& seen = all.at(pid);
        text += std::string(2 * depth, ' ') + std::to_string(pid) + " " + seen.state + " " + seen.waits +
                " " + seen.command + "\n";
        write_below(text, pid, depth + 1, children, all);
    }
}

std::string seconds_text(Duration span) {
    char text[40];
    std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(span.count()) / 1e9);
    return text;
}

}  // namespace

std::string process_tree() {
    const auto all = processes();
    std::map<std::int64_t, std::vector<std::int64_t>> children;
    // Whose parent is out of sight stands at the top.
    for (const auto& [pid, seen] : all) children[all.contains(seen.parent) ? seen.parent : 0].push_back(pid);
    std::string text;
    write_below(text, 0, 0, children, all);
    return text;
}

std::string wedge_dump(
    const std::vector<const InstanceRecord*>& going, SimTime now, const WatchSample* last, bool real
) {
    std::string text =
        "# at\n" + stamp_text(now) + "\n\n# in flight or wedged: name, phase, since how long\n";
    for (const InstanceRecord* each : going) {
        if (each->phases.empty()) continue;
        const PhaseRecord& phase = each->phases.back();
        text += each->name + " " + std::string(text_of(phase.phase)) + " " + seconds_text(now - phase.began) +
                "\n";
    }
    text += "\n# what the host said last\n";
    if (last == nullptr)
        text += "it has not been asked yet\n";
    else if (!last->answered)
        text += "no answer in " + seconds_text(last->list) + "\n";
    else
        text += std::to_string(last->known) + " instances, listed in " + seconds_text(last->list) + "\n";
    if (last != nullptr)
        for (const auto& [state, count] : last->states)
            text += std::string(text_of(state)) + " " + std::to_string(count) + "\n";
    if (!real) return text;
    return text + "\n# processes: pid, state, where in the kernel it waits, command\n" + process_tree() +
           "\n# mounts\n" + whole("/proc/self/mounts");
}

}  // namespace csim
