// squeue, and the cells of its table.
#include "core/utc.hpp"
#include "vcluster/host_list.hpp"
#include "vcluster/model/slurm_columns.hpp"

#include <algorithm>
#include <cctype>

namespace csim::model {
namespace {

std::string two(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

/// M:SS, H:MM:SS, D-HH:MM:SS.
std::string clock_text(Duration span) {
    const std::int64_t all = span / std::chrono::seconds(1);
    const std::int64_t days = all / 86400, hours = all / 3600 % 24, minutes = all / 60 % 60,
                       seconds = all % 60;
    if (days > 0) return std::to_string(days) + "-" + two(hours) + ":" + two(minutes) + ":" + two(seconds);
    if (hours > 0) return std::to_string(hours) + ":" + two(minutes) + ":" + two(seconds);
    return std::to_string(minutes) + ":" + two(seconds);
}

}  // namespace

std::string time_cell(SimTime at) {
    return at == SimTime{} ? "N/A" : utc_text_bare(at).substr(0, 19);
}

namespace {

struct Column {
    char letter;
    std::string_view all_name;  ///< in the header of %all
    std::string_view name;
};
const Column columns[] = {
    {'a', "ACCOUNT", "ACCOUNT"},
    {'i', "JOBID", "JOBID"},
    {'j', "NAME", "NAME"},
    {'u', "USER", "USER"},
    {'U', "UID", "UID"},
    {'P', "PARTITION", "PARTITION"},
    {'T', "STATE", "STATE"},
    {'t', "ST", "ST"},
    {'M', "TIME", "TIME"},
    {'l', "TIME_LIMIT", "TIME_LIMIT"},
    {'D', "NODES", "NODES"},
    {'C', "CPUS", "CPUS"},
    {'N', "NODELIST", "NODELIST"},
    {'r', "REASON", "REASON"},
    {'S', "START_TIME", "START_TIME"},
    {'V', "SUBMIT_TIME", "SUBMIT_TIME"},
    {'e', "END_TIME", "END_TIME"},
    {'Z', "WORK_DIR", "WORK_DIR"},
    {'R', "NODELIST(REASON)", "NODELIST(REASON)"}};

}  // namespace

std::string job_cell(Call& call, const SlurmJob& job, char letter) {
    const bool begun = job.started != SimTime{};
    const SimTime until =
        job.over() || job.state == SlurmJob::State::completing ? job.ended : call.world.timeline().now();
    const std::string nodes = compress_hosts(job.nodes);
    switch (letter) {
        case 'a':
            return "(null)";
        case 'i':
            return std::to_string(job.id);
        case 'j':
            return job.name;
        case 'u':
            return job.user;
        case 'U':
            return std::to_string(call.node.find_user(job.user).value_or(User{}).uid);
        case 'P':
            return job.partition;
        case 'T':
            return std::string(long_name(job.state));
        case 't':
            return std::string(short_name(job.state));
        case 'M':
            return clock_text(begun ? until - job.started : Duration{});
        case 'l':
            return job.limit == Duration::zero() ? "UNLIMITED" : clock_text(job.limit);
        case 'D':
            return std::to_string(job.nodes_wanted);
        case 'C':
            return std::to_string(std::max({job.tasks, job.nodes_wanted * job.cpus_per_task, 1}));
        case 'N':
            return nodes;
        case 'r':
            return job.reason;
        case 'S':
            return time_cell(job.started);
        case 'V':
            return time_cell(job.submitted);
        case 'e':
            return time_cell(job.ended);
        case 'Z':
            return job.folder;
        default:
            return job.state == SlurmJob::State::pending ? "(" + job.reason + ")" : nodes;
    }
}

namespace {

std::string fitted(std::string text, const std::string& width) {
    const bool right = width.starts_with(".");
    const auto size = static_cast<std::size_t>(std::atoi(width.c_str() + (right ? 1 : 0)));
    if (size == 0) return text;
    text = text.substr(0, size);
    return text.insert(right ? 0 : text.size(), size - text.size(), ' ');
}

}  // namespace

/// A format such as `%.18i %N`; `value` answers for a letter, an empty optional for an unknown one.
std::optional<std::string> formatted(
    const std::string& format, const std::function<std::optional<std::string>(char)>& value
) {
    std::string line;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            line += format[i];
            continue;
        }
        std::size_t end = i + 1;
        while (end < format.size() &&
               (format[end] == '.' || std::isdigit(static_cast<unsigned char>(format[end])) != 0))
            ++end;
        if (end >= format.size()) return std::nullopt;
        const auto text = value(format[end]);
        if (!text) return std::nullopt;
        line += fitted(*text, format.substr(i + 1, end - i - 1));
        i = end;
    }
    return line;
}

namespace {

bool matches(const std::string& list, const std::string& value) {
    return list.empty() || ("," + list + ",").find("," + value + ",") != std::string::npos;
}

bool wanted(const SlurmJob& job, const Options& options, bool asked) {
    std::string states = options.value("t", options.value("states"));
    std::transform(states.begin(), states.end(), states.begin(), [](unsigned char c) {
        return std::toupper(c);
    });
    const bool all = states == "ALL" || (asked && states.empty());
    if (!all && states.empty() && job.over()) return false;
    if (!all && !states.empty() && !matches(states, std::string(long_name(job.state))) &&
        !matches(states, std::string(short_name(job.state))))
        return false;
    return matches(options.value("u"), job.user) && matches(options.value("n"), job.name);
}

int squeue(Call& call) {
    const Options options =
        parse_options(call.arguments, "ho:j:t:u:w:n:l", {"noheader", "format:", "jobs:", "states:"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    SlurmCtld* controller = controller_of(call.node);
    if (controller == nullptr)
        return call.fail(1, "slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
    const std::string ids = options.value("j", options.value("jobs"));
    for (const std::string& each : expand_hosts(ids))
        if (expand_hosts(ids).size() == 1 && controller->find(std::atoi(each.c_str())) == nullptr)
            return call.fail(1, "slurm_load_jobs error: Invalid job id specified");
    std::string format =
        options.value("o", options.value("format", "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R"));
    if (format == "%all") {
        format.clear();
        for (const Column& each : columns)
            format += (format.empty() ? "%" : "|%") + std::string(1, each.letter);
    }
    const auto header = formatted(format, [](char letter) -> std::optional<std::string> {
        for (const Column& each : columns)
            if (each.letter == letter) return std::string(each.name);
        return std::nullopt;
    });
    if (!header) return option_not_modelled(call, format);
    if (!options.has("h") && !options.has("noheader")) call.say(*header + "\n");
    for (auto& [id, job] : controller->jobs()) {
        if (!matches(ids, std::to_string(id)) || !wanted(*job, options, !ids.empty())) continue;
        call.say(*formatted(format, [&, &shown = *job](char letter) -> std::optional<std::string> {
            return job_cell(call, shown, letter);
        }) + "\n");
    }
    return 0;
}

const Program rows[] = {{"squeue", squeue}};

}  // namespace

std::span<const Program> slurm_queue_programs() {
    return rows;
}

}  // namespace csim::model
