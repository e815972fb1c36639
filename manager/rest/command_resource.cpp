// `command`: what people asked for, and how far it is.
// Source: the manager API, §2.6.
#include "manager/jobs/job_engine.hpp"
#include "manager/rest/job_resources.hpp"
#include "manager/rest/table_resource.hpp"

#include <algorithm>
#include <set>

namespace csim {

namespace {

/// The logs of all steps, in the order in which they were last changed.
std::string logs_of(const Model& model, const CommandRow& command) {
    std::vector<const StepPart*> steps;
    for (std::int64_t id : command.jobs) {
        const JobRow* job = model.jobs.find(id);
        if (job == nullptr) continue;
        for (const StepPart& step : job->steps) steps.push_back(&step);
    }
    std::stable_sort(steps.begin(), steps.end(), [](auto* a, auto* b) {
        return a->modified_at < b->modified_at;
    });
    std::string logs;
    for (std::size_t i = 0; i < steps.size(); ++i) logs += (i == 0 ? "" : "\n") + steps[i]->log;
    return logs;
}

class CommandResource final : public TableResource<CommandRow> {
  public:
    CommandResource() : TableResource("command", &Model::commands) {
        using enum FieldType;
        list_methods_ = {"get", "post"};
        detail_methods_ = {"get", "patch"};
        watches_ = {Watched::command};
        ordering_ = {"created_at"};
        add_identity(fields_, *this);
        fields_.push_back(field("message", string, of([](const CommandRow& c) { return c.message; })));
        fields_.push_back(field("complete", boolean, of([](const CommandRow& c) { return c.complete; })));
        fields_.push_back(field("errored", boolean, of([](const CommandRow& c) { return c.errored; })));
        fields_.push_back(field("cancelled", boolean, of([](const CommandRow& c) { return c.cancelled; })));
        fields_.push_back(field("created_at", datetime, of([](const CommandRow& c) {
                                    return instant(c.created_at);
                                })));
        auto logs = [](RestContext& context, Key key) {
            return Json(logs_of(context.model, context.model.commands.at(key)));
        };
        fields_.push_back(field("logs", string, logs));
        auto jobs = [](RestContext& context, Key key) { return context.model.commands.at(key).jobs; };
        fields_.push_back(relation("jobs", to_many, "job", jobs));
        for (const char* name : {"complete", "errored", "cancelled"}) filters_[name] = {{"exact"}};
        filters_["id"] = {{"exact", "in"}};
        seeks_["complete"] = [this](RestContext& context, const std::string& text) {
            // Only the few that are under way have a short list worth keeping.
            const bool unfinished = text == "false" || text == "False" || text == "0";
            if (!unfinished) return keys(context);
            const auto& found = context.model.commands.with(0);
            return Keys(found.begin(), found.end());
        };
        filters_["created_at"] = {{"gte", "lte", "gt", "lt"}};
    }

    ApiReply post_list(RestContext& context) override {
        const Json& body = context.body;
        const Json& jobs = member(body, "jobs");
        if (!jobs.is_array()) stop_field("jobs", "This attribute is mandatory");
        if (!member(body, "message").is_string()) stop_field("message", "This attribute is mandatory");
        std::vector<JobRequest> requests;
        for (const Json& job : jobs) add_request(context, requests, job);
        auto started = context.engine.run_jobs(body["message"].get<std::string>(), requests);
        if (!started) stop_field("jobs", started.error().detail);
        ApiReply reply = reply_with(201, to_json(context, *started));
        reply.headers.emplace_back("Location", uri(*started));
        return reply;
    }

    /// Clients say that they have seen a command; the manager keeps no record of it.
    ApiReply patch_detail(RestContext& context, Key key) override {
        return reply_with(202, to_json(context, key));
    }

    std::optional<ApiReply> special(
        RestContext&, const std::string& method, const std::vector<std::string>& path
    ) override {
        if (path.size() != 1 || path[0] != "dismiss_all" || method != "put") return std::nullopt;
        return bare_reply(204);
    }

  private:
    static void add_request(RestContext& context, std::vector<JobRequest>& requests, const Json& job) {
        const Json& name = member(job, "class_name");
        if (!name.is_string()) stop_field("jobs", "class_name is mandatory");
        const JobClass* of = find_job_class(name.get<std::string>());
        if (of == nullptr || of->argument.empty()) {
            stop_field("jobs", "Invalid class_name '" + name.get<std::string>() + "'");
        }
        const Json& args = member(job, "args");
        if (!args.is_object()) stop_field("jobs", "args is mandatory");
        if (of->name == "UpdateNidsJob" && !args.contains("mgs_id"))
            return add_nid_updates(context, requests, args);
        if (of->name == "DetectTargetsJob") return add_detection(context, requests, args);
        if (args.contains("hosts")) return add_for_hosts(context, requests, *of, args["hosts"]);
        const std::string argument(of->argument);
        const Json& id = member(args, argument.c_str());
        if (!id.is_number_integer())
            stop_field("jobs", argument + " is mandatory in args of " + std::string(of->name));
        const ObjectRef subject{of->acts_on, id.get<std::int64_t>()};
        if (context.model.status(subject) == nullptr) {
            stop_field(
                "jobs",
                "There is no " + std::string(resource_name(subject.kind)) + " " + std::to_string(subject.id)
            );
        }
        requests.push_back({std::string(of->name), subject, args.dump()});
    }

    /// One for each MGS that one of the hosts can run, or whose filesystems have a target there; no hosts:
    /// for all.
    static void add_nid_updates(RestContext& context, std::vector<JobRequest>& requests, const Json& args) {
        const Model& model = context.model;
        std::set<std::int64_t> mgts;
        const Json& hosts = member(args, "hosts");
        auto add = [&](std::int64_t target) { mgts.insert(model.mgt_of(model.targets.at(target))); };
        if (hosts.is_array() && !hosts.empty()) {
            for (const Json& uri : hosts) {
                auto id = uri.is_string() ? id_in_uri("host", uri.get<std::string>()) : std::nullopt;
                if (!id || !model.hosts.find(*id)) stop_field("jobs", "hosts names no host");
                for (std::int64_t target : model.target_index.on_host(*id)) add(target);
            }
        } else {
            for (std::int64_t target : model.targets.ids()) add(target);
        }
        for (std::int64_t mgt : mgts) {
            requests.push_back({"UpdateNidsJob", {Kind::target, mgt}, Json{{"mgs_id", mgt}}.dump()});
        }
    }

    /// One job over all hosts, because a target is known by what all of its servers say.
    static void add_detection(RestContext& context, std::vector<JobRequest>& requests, const Json& args) {
        std::vector<JobRequest> each;
        const JobClass& of = *find_job_class("DetectTargetsJob");
        if (args.contains("hosts")) {
            add_for_hosts(context, each, of, args["hosts"]);
        } else {
            for (std::int64_t id : context.model.hosts.ids())
                each.push_back({std::string(of.name), {Kind::host, id}, "{}"});
        }
        if (each.empty()) stop_field("jobs", "There is no host to look for targets on");
        Json hosts = Json::array();
        for (const JobRequest& request : each) hosts.push_back(request.subject.id);
        requests.push_back({std::string(of.name), each.front().subject, Json{{"hosts", hosts}}.dump()});
    }

    static void add_for_hosts(
        RestContext& context, std::vector<JobRequest>& requests, const JobClass& of, const Json& hosts
    ) {
        for (const Json& uri : hosts.is_array() ? hosts : Json::array()) {
            auto id = uri.is_string() ? id_in_uri("host", uri.get<std::string>()) : std::nullopt;
            if (!id || !context.model.hosts.find(*id)) stop_field("jobs", "hosts names no host");
            requests.push_back({std::string(of.name), {Kind::host, *id}, Json{{"host_id", *id}}.dump()});
        }
    }
};

}  // namespace

void add_command_resources(ResourceList& list, ResourceServices&) {
    list.push_back(std::make_unique<CommandResource>());
    add_job_resources(list);
}

}  // namespace csim
