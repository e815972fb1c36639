#include "vcluster/scenario/step_verbs.hpp"

#include "vcluster/services/service.hpp"
#include "vcluster/utilities/metric_listing.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace csim {
namespace {

std::string text_of(const Json& step, const char* key, const std::string& otherwise = "") {
    return step.contains(key) ? step.at(key).get<std::string>() : otherwise;
}

Duration span_of(const Json& step, double otherwise) {
    const double seconds = step.value("timeout", otherwise);
    if (!(seconds > 0 && seconds < 1e8)) throw Fatal("timeout: expected seconds, more than 0");
    return Duration(static_cast<std::int64_t>(seconds * 1e9));
}

std::string shortened(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    constexpr std::size_t longest = 400;
    if (text.size() > longest) text = text.substr(0, longest) + "…";
    return text;
}

void save(const Json& step, SavedValues& saved, std::string value) {
    while (value.ends_with('\n')) value.pop_back();
    if (step.contains("save")) saved[step.at("save").get<std::string>()] = value;
}

/// Whether a text is what the step's `expect` and `matches` say.
void compare(const Json& step, const std::string& what, const std::string& text) {
    if (step.contains("expect") && step.at("expect").get<std::string>() != text)
        throw Fatal(what + " is \"" + shortened(text) + "\", not \"" + shortened(step.at("expect")) + "\"");
    if (!step.contains("matches")) return;
    const auto pattern = step.at("matches").get<std::string>();
    if (!std::regex_search(text, std::regex(pattern, std::regex::extended)))
        throw Fatal(what + " is \"" + shortened(text) + "\", which does not match " + pattern);
}

int job_of(const Json& step) {
    const Json& job = step.at("job");
    const int id = job.is_string() ? parse_job_id(job.get<std::string>()) : job.get<int>();
    if (id <= 0) throw Fatal("job: '" + job.dump() + "' is no job's number");
    return id;
}

RunRequest request_of(const Json& step) {
    RunRequest request;
    if (step.at("cmd").is_string())
        request.shell = step.at("cmd").get<std::string>();
    else
        request.command = step.at("cmd").get<std::vector<std::string>>();
    if (step.contains("env")) request.env = step.at("env").get<Environment>();
    request.user = text_of(step, "user"), request.folder = text_of(step, "workdir");
    request.input = text_of(step, "stdin");
    request.detached = step.value("detach", false);
    request.merged = true;
    request.limit = span_of(step, 60);
    return request;
}

std::string exec(Cluster& cluster, const Json& step, SavedValues& saved) {
    const ExecResult ran = cluster.run(cluster.node(text_of(step, "on")), request_of(step));
    const int wanted = step.value("expect_rc", 0);
    if (ran.status != wanted)
        throw Fatal(
            "it ended with " + std::to_string(ran.status) + ", not with " + std::to_string(wanted) + ": " +
            shortened(ran.out)
        );
    compare(step, "the output", ran.out);
    save(step, saved, ran.out);
    return shortened(ran.out);
}

std::string write(Cluster& cluster, const Json& step, SavedValues&) {
    NodeFile file;
    file.content = step.at("content").get<std::string>();
    const auto mode = text_of(step, "mode", "644");
    if (!std::regex_match(mode, std::regex("[0-7]{3,4}")))
        throw Fatal("mode: expected octal digits such as 644");
    file.mode = static_cast<unsigned>(std::stoul(mode, nullptr, 8));
    const std::size_t size = file.content.size();
    cluster.write(
        cluster.node(text_of(step, "on")), step.at("path"), std::move(file), step.value("mkdirs", false)
    );
    return std::to_string(size) + " bytes";
}

std::string read(Cluster& cluster, const Json& step, SavedValues& saved) {
    const std::string text = cluster.read(cluster.node(text_of(step, "on")), step.at("path")).content;
    compare(step, "the file", text);
    save(step, saved, text);
    return shortened(text);
}

std::string told(const ServiceStates& states) {
    std::string text;
    for (const ServiceState& each : states)
        text += (text.empty() ? "" : ", ") + each.service + " on " + each.node + " " + each.state;
    return text;
}

std::string start(Cluster& cluster, const Json& step, SavedValues&) {
    return told(start_services(cluster, step.at("service"), text_of(step, "node"), span_of(step, 30)));
}

std::string stop(Cluster& cluster, const Json& step, SavedValues&) {
    return told(stop_services(cluster, step.at("service"), text_of(step, "node"), span_of(step, 10)));
}

std::string sbatch(Cluster& cluster, const Json& step, SavedValues& saved) {
    const int id =
        submit_job(cluster, step.at("script"), step.value("arguments", std::vector<std::string>{}));
    save(step, saved, std::to_string(id));
    return "job " + std::to_string(id);
}

std::string scancel(Cluster& cluster, const Json& step, SavedValues&) {
    cancel_job(cluster, job_of(step));
    return "job " + std::to_string(job_of(step));
}

std::string await_job(Cluster& cluster, const Json& step, SavedValues& saved) {
    const std::string state =
        wait_job(cluster, job_of(step), step.value("states", ended_states()), span_of(step, 60));
    compare(step, "its state", state);
    save(step, saved, state);
    return state;
}

std::string await_sets(Cluster& cluster, const Json& step, SavedValues&) {
    const auto sets = step.at("sets").get<std::set<std::string>>();
    wait_sets(cluster, step.at("host"), sets, span_of(step, 60));
    return std::to_string(sets.size()) + " sets";
}

std::string await_metric(Cluster& cluster, const Json& step, SavedValues& saved) {
    const Json value = wait_metric(
        cluster, step.at("host"), step.at("set"), step.at("metric"),
        [&](const Json& now) {
            if (step.contains("contains"))
                return now.is_array() && std::find(now.begin(), now.end(), step.at("contains")) != now.end();
            return !step.contains("equals") || now == step.at("equals");
        },
        span_of(step, 60)
    );
    save(step, saved, value.dump());
    return shortened(value.dump());
}

std::string stop_node(Cluster& cluster, const Json& step, SavedValues&) {
    cluster.switch_node(cluster.node(step.at("node").get<std::string>()), false);
    return "down";
}

std::string start_node(Cluster& cluster, const Json& step, SavedValues&) {
    cluster.switch_node(cluster.node(step.at("node").get<std::string>()), true);
    return "up";
}

const VerbField on{"on", "string"}, timeout{"timeout", "number"}, save_as{"save", "string"},
    expect{"expect", "string"}, matches{"matches", "string"}, node{"node", "string"},
    service{"service", "string", true}, job{"job", "int or string", true}, host{"host", "string", true};

const StepVerb rows[] = {
    {"exec",
     "cmd",
     {{"cmd", "text or strings", true},
      on,
      {"env", "struct"},
      {"user", "string"},
      {"workdir", "string"},
      {"stdin", "string"},
      {"detach", "boolean"},
      {"expect_rc", "int"},
      expect,
      matches,
      save_as,
      timeout},
     exec},
    {"read", "", {{"path", "string", true}, on, expect, matches, save_as}, read},
    {"sbatch", "script", {{"script", "string", true}, {"arguments", "strings"}, save_as}, sbatch},
    {"scancel", "job", {job}, scancel},
    {"start", "service", {service, node, timeout}, start},
    {"start_node", "node", {{"node", "string", true}}, start_node},
    {"stop", "service", {service, node, timeout}, stop},
    {"stop_node", "node", {{"node", "string", true}}, stop_node},
    {"wait_job", "job", {job, {"states", "strings"}, expect, save_as, timeout}, await_job},
    {"wait_metric",
     "",
     {host,
      {"set", "string", true},
      {"metric", "string", true},
      {"contains", "any"},
      {"equals", "any"},
      save_as,
      timeout},
     await_metric},
    {"wait_sets", "", {host, {"sets", "strings", true}, timeout}, await_sets},
    {"write",
     "",
     {{"path", "string", true}, {"content", "string", true}, on, {"mode", "string"}, {"mkdirs", "boolean"}},
     write},
};

}  // namespace

std::span<const StepVerb> step_verbs() {
    return rows;
}

const StepVerb* find_step_verb(std::string_view name) {
    const auto found = std::find_if(std::begin(rows), std::end(rows), [&](const StepVerb& each) {
        return each.name == name;
    });
    return found == std::end(rows) ? nullptr : found;
}

}  // namespace csim
