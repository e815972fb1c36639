// sbatch, scancel and srun.
#include "core/duration_text.hpp"
#include "vcluster/host_list.hpp"
#include "vcluster/model/services.hpp"
#include "vcluster/model/slurm.hpp"

#include <algorithm>
#include <csignal>
#include <sstream>

namespace csim::model {
namespace {

const std::vector<std::string> long_options{
    "nodes:", "ntasks:",     "chdir:",   "job-name:",      "output:",   "error:",
    "time:",  "nodelist:",   "exclude:", "cpus-per-task:", "exclusive", "parsable",
    "wrap:",  "dependency:", "hold",     "wait",           "partition:"};
constexpr std::string_view letters = "N:n:D:J:o:e:t:w:x:c:d:HWp:l";

int unreachable(Call& call, const std::string& what) {
    return call.fail(1, what + "Unable to contact slurm controller (connect failure)");
}

/// Slurm's time limits: minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S. Negative: none of these.
Duration limit_of(const std::string& text) {
    const auto dash = text.find('-');
    std::vector<long> parts;
    std::istringstream in(dash == std::string::npos ? text : text.substr(dash + 1));
    for (std::string part; std::getline(in, part, ':');) {
        if (part.empty() || part.find_first_not_of("0123456789") != std::string::npos) return Duration(-1);
        parts.push_back(std::atol(part.c_str()));
    }
    if (parts.empty() || parts.size() > 3) return Duration(-1);
    if (dash != std::string::npos) {
        parts.resize(3);
        return std::chrono::hours(24 * std::atol(text.c_str()) + parts[0]) + std::chrono::minutes(parts[1]) +
               std::chrono::seconds(parts[2]);
    }
    if (parts.size() == 3)
        return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
    return std::chrono::minutes(parts[0]) + std::chrono::seconds(parts.size() == 2 ? parts[1] : 0);
}

/// Puts options into the job. A complaint, if one makes no sense.
std::string apply(SlurmJob& job, const Options& options) {
    for (const auto& [name, value] : options.given) {
        const auto number = std::atoi(value.c_str());
        if (name == "N" || name == "nodes")
            job.nodes_wanted = number;
        else if (name == "n" || name == "ntasks")
            job.tasks = number;
        else if (name == "D" || name == "chdir")
            job.folder = value;
        else if (name == "J" || name == "job-name")
            job.name = value;
        else if (name == "o" || name == "output")
            job.out = value;
        else if (name == "e" || name == "error")
            job.err = value;
        else if (name == "w" || name == "nodelist")
            job.only = expand_hosts(value);
        else if (name == "x" || name == "exclude")
            job.without = expand_hosts(value);
        else if (name == "c" || name == "cpus-per-task")
            job.cpus_per_task = number;
        else if (name == "exclusive")
            job.exclusive = true;
        else if (name == "H" || name == "hold")
            job.held = true;
        else if (name == "t" || name == "time") {
            job.limit = limit_of(value);
            if (job.limit < Duration::zero()) return "Invalid --time specification";
        } else if (name == "d" || name == "dependency") {
            const int id = std::atoi(value.substr(value.find(':') + 1).c_str());
            if (id <= 0 || (!value.starts_with("afterok:") && !value.starts_with("afterany:")))
                return "Job dependency problem";
            job.after = value.starts_with("afterok:") ? -id : id;
        }
        const bool counted = name == "N" || name == "nodes" || name == "n" || name == "ntasks" || name == "c";
        if (counted && number < 1) return "Invalid numeric value \"" + value + "\" for -" + name;
    }
    if (job.nodes_wanted < static_cast<int>(job.only.size()))
        job.nodes_wanted = static_cast<int>(job.only.size());
    return "";
}

/// The #SBATCH lines before the first command, as arguments.
std::vector<std::string> directives(const std::string& script) {
    std::vector<std::string> words{"sbatch"};
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line[0] != '#') break;
        if (!line.starts_with("#SBATCH")) continue;
        std::istringstream parts(line.substr(7));
        for (std::string part; parts >> part && part[0] != '#';) words.push_back(part);
    }
    return words;
}

Task<int> sbatch(Call& call) {
    const Options options = parse_options(call.arguments, letters, long_options, true);
    const std::string error = "sbatch: error: ";
    if (!options.wrong.empty()) co_return call.fail(1, error + "option '" + options.wrong + "' not modelled");
    auto job = std::make_shared<SlurmJob>();
    job->folder = call.folder;
    job->user = call.process.user;
    job->env = call.env;
    if (options.has("wrap")) {
        job->script = "#!/bin/sh\n" + options.value("wrap") + "\n";
        job->name = "wrap";
    } else if (options.operands.empty()) {
        job->script = call.in->rest();
        job->name = "sbatch";
    } else {
        const std::string& path = options.operands[0];
        NodeFile file;
        if (call.node.read(call.path(path), file) != 0)
            co_return call.fail(1, error + "Unable to open file " + path);
        job->script = file.content;
        job->name = path.substr(path.rfind('/') + 1);
    }
    if (!job->script.starts_with("#!"))
        co_return call.fail(
            1, error +
                   "This does not look like a batch script.  The first\nsbatch: error: line must start with "
                   "#! followed by the path to an interpreter.\nsbatch: error: For instance: #!/bin/sh"
        );
    const Options in_script = parse_options(directives(job->script), letters, long_options);
    if (!in_script.wrong.empty())
        co_return call.fail(1, error + "option '" + in_script.wrong + "' not modelled");
    for (const Options* each : {&in_script, &options})
        if (const std::string wrong = apply(*job, *each); !wrong.empty())
            co_return call.fail(1, error + wrong);
    const std::string failed = error + "Batch job submission failed: ";
    SlurmCtld* controller = controller_of(call.node);
    if (controller == nullptr) co_return unreachable(call, failed);
    const Munged* ours = munged_of(call.node);
    const Munged* theirs = munged_of(controller->node());
    if (ours == nullptr || theirs == nullptr || ours->key() != theirs->key())
        co_return call.fail(1, failed + "Protocol authentication error");
    co_await Pause(call.world.timeline(), 2 * call.world.latency(call.node, controller->node()));
    const auto id = controller->submit(job);
    if (!id) co_return call.fail(1, failed + id.error().detail);
    const bool bare = options.has("parsable");
    call.say((bare ? "" : "Submitted batch job ") + std::to_string(*id) + "\n");
    if (!options.has("wait") && !options.has("W")) co_return 0;
    if (!job->over()) co_await Occasion::Wait(call.world.timeline(), job->end);
    co_return job->state == SlurmJob::State::completed ? 0 : std::max(job->status, 1);
}

int scancel(Call& call) {
    const Options options = parse_options(call.arguments, "u:n:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    SlurmCtld* controller = controller_of(call.node);
    if (controller == nullptr) return unreachable(call, "scancel: error: ");
    int status = 0;
    if (options.operands.empty() && options.given.empty())
        return call.fail(1, "scancel: error: No job identification provided");
    std::vector<SlurmJob*> chosen;
    for (const std::string& each : options.operands) {
        SlurmJob* job = each.find_first_not_of("0123456789") == std::string::npos
                            ? controller->find(std::atoi(each.c_str()))
                            : nullptr;
        if (job == nullptr)
            status = call.fail(
                1, "scancel: error: Kill job error on job id " + each + ": Invalid job id specified"
            );
        else
            chosen.push_back(job);
    }
    for (auto& [id, job] : controller->jobs())
        if ((options.has("u") && job->user == options.value("u")) ||
            (options.has("n") && job->name == options.value("n")))
            chosen.push_back(job.get());
    for (SlurmJob* job : chosen) controller->cancel(*job);
    return status;
}

/// The tasks of one step, all at once.
Task<int> run_step(Call& call, std::vector<std::string> command, int tasks, std::vector<std::string> nodes) {
    const auto worst = std::make_shared<int>(0);
    std::vector<Process*> started;
    std::list<Occasion::Wait> waits;
    for (int i = 0; i < tasks; ++i) {
        Node* node = call.world.node(
            nodes[static_cast<std::size_t>(i) * nodes.size() / static_cast<std::size_t>(tasks)]
        );
        if (node == nullptr || !node->up || node->daemon<Slurmd>() == nullptr) {
            *worst = 1;
            call.err->put(
                "srun: error: Task launch failed on node " +
                nodes[static_cast<std::size_t>(i) % nodes.size()] + ": Communication connection failure\n"
            );
            continue;
        }
        Launch launch;
        launch.arguments = command;
        launch.env = call.env;
        launch.env["SLURM_PROCID"] = std::to_string(i);
        launch.env["SLURM_STEP_ID"] = "0";
        launch.folder = call.folder;
        launch.user = call.process.user;
        launch.out = call.out;
        launch.err = call.err;
        launch.on_end = [worst](int status) { *worst = std::max(*worst, status); };
        Process& task = call.world.launch(*node, std::move(launch));
        waits.emplace_back(call.world.timeline(), task.end);
    }
    for (Occasion::Wait& each : waits) co_await each;
    co_return *worst;
}

Task<int> srun(Call& call) {
    const Options options = parse_options(call.arguments, letters, long_options, true);
    if (!options.wrong.empty())
        co_return call.fail(1, "srun: error: option '" + options.wrong + "' not modelled");
    if (options.operands.empty()) co_return call.fail(1, "srun: fatal: No command given to execute.");
    SlurmJob wishes;
    if (const std::string wrong = apply(wishes, options); !wrong.empty())
        co_return call.fail(1, "srun: error: " + wrong);
    if (call.env.contains("SLURM_JOB_ID")) {
        auto nodes = expand_hosts(call.env["SLURM_JOB_NODELIST"]);
        int tasks = wishes.tasks > 0 ? wishes.tasks : std::atoi(call.env["SLURM_NTASKS"].c_str());
        if (options.has("N") || options.has("nodes")) {
            nodes.resize(std::min(nodes.size(), static_cast<std::size_t>(wishes.nodes_wanted)));
            if (wishes.tasks == 0) tasks = static_cast<int>(nodes.size());
        }
        const int status = co_await run_step(call, options.operands, std::max(tasks, 1), nodes);
        co_return status;
    }
    SlurmCtld* controller = controller_of(call.node);
    if (controller == nullptr) co_return unreachable(call, "srun: error: Unable to allocate resources: ");
    auto job = std::make_shared<SlurmJob>();
    job->folder = call.folder;
    job->env = call.env;
    job->user = call.process.user;
    job->sink = call.out;
    job->name = options.operands[0];
    apply(*job, options);
    std::string line = "srun";
    for (const std::string& word : options.operands) {
        std::string quoted;
        for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
        line += " '" + quoted + "'";
    }
    job->script = "#!/bin/sh\n" + line + "\n";
    const auto id = controller->submit(job);
    if (!id) co_return call.fail(1, "srun: error: Unable to allocate resources: " + id.error().detail);
    if (!job->over()) co_await Occasion::Wait(call.world.timeline(), job->end);
    co_return job->state == SlurmJob::State::completed ? 0 : std::max(job->status, 1);
}

const Program rows[] = {{"sbatch", nullptr, sbatch}, {"scancel", scancel}, {"srun", nullptr, srun}};

}  // namespace

std::span<const Program> slurm_user_programs() {
    return rows;
}

}  // namespace csim::model
