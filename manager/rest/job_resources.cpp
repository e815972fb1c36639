// Jobs with their locks, and steps with what they left behind.
// Source: the manager API, §2.7 and §2.8.
#include "manager/rest/job_resources.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/table_resource.hpp"

namespace csim {

namespace {

Json parsed(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    return json.is_discarded() ? Json(nullptr) : json;
}

std::string step_uri(std::int64_t step) {
    return "/api/step/" + std::to_string(step) + "/";
}

Json locks_json(const JobRow& job, bool write) {
    Json locks = Json::array();
    for (const LockPart& lock : job.locks) {
        if (lock.write != write) continue;
        const std::string uri = resource_uri(lock.item);
        locks.push_back(Json{
            {"locked_item_id", lock.item.id},
            {"locked_item_content_type_id", content_type_id(lock.item.kind)},
            {"locked_item_uri", uri.empty() ? Json(nullptr) : Json(uri)},
            {"resource_uri", ""},
        });
    }
    return locks;
}

Json results_json(const JobRow& job) {
    Json results = Json::object();
    for (const StepPart& step : job.steps)
        results[step_uri(step.id)] = step.result ? parsed(*step.result) : Json(nullptr);
    return results;
}

Json transitions_json(const JobRow& job) {
    const JobClass* of = find_job_class(job.class_name);
    if (job.state == "complete" || of == nullptr || !of->cancellable) return Json::array();
    return Json::array({Json{{"state", "cancelled"}, {"label", "Cancel"}}});
}

Json wait_json(const JobRow& job) {
    Json uris = Json::array();
    for (std::int64_t id : job.wait_for) uris.push_back("/api/job/" + std::to_string(id) + "/");
    return uris;
}

class JobResource final : public TableResource<JobRow> {
  public:
    JobResource() : TableResource("job", &Model::jobs) {
        using enum FieldType;
        detail_methods_ = {"get", "put"};
        ordering_ = {"created_at"};
        filters_["id"] = {{"exact", "in"}};
        filters_["state"] = {{"exact", "in"}};
        add_identity(fields_, *this);
        fields_.push_back(field("class_name", string, of([](const JobRow& j) { return j.class_name; })));
        fields_.push_back(field("description", string, of([](const JobRow& j) { return j.description; })));
        fields_.push_back(field("state", string, of([](const JobRow& j) { return j.state; })));
        fields_.push_back(field("errored", boolean, of([](const JobRow& j) { return j.errored; })));
        fields_.push_back(field("cancelled", boolean, of([](const JobRow& j) { return j.cancelled; })));
        fields_.push_back(field("created_at", datetime, of([](const JobRow& j) {
                                    return instant(j.created_at);
                                })));
        fields_.push_back(field("modified_at", datetime, of([](const JobRow& j) {
                                    return instant(j.modified_at);
                                })));
        fields_.push_back(field("wait_for", list, of(wait_json), Field::nullable));
        fields_.push_back(field(
            "read_locks", list, of([](const JobRow& j) { return locks_json(j, false); }), Field::nullable
        ));
        fields_.push_back(field(
            "write_locks", list, of([](const JobRow& j) { return locks_json(j, true); }), Field::nullable
        ));
        fields_.push_back(field("step_results", dict, of(results_json)));
        fields_.push_back(field("available_transitions", dict, of(transitions_json)));
        auto commands = [](RestContext& context, Key key) { return context.model.jobs.at(key).commands; };
        fields_.push_back(relation("commands", to_many, "command", commands, false, Field::nullable));
        auto steps = [](RestContext& context, Key key) {
            Keys ids;
            for (const StepPart& step : context.model.jobs.at(key).steps) ids.push_back(step.id);
            return ids;
        };
        fields_.push_back(relation("steps", to_many, "step", steps, false, Field::nullable));
    }

    ApiReply put_detail(RestContext& context, Key key) override {
        const Json& state = member(context.body, "state");
        if (member(context.body, "id").is_null()) stop_text("id", "Attribute mandatory");
        if (!state.is_string()) stop_text("state", "Attribute mandatory");
        const std::string present = context.model.jobs.at(key).state;
        if (state != Json("cancelled") && state != Json(present)) {
            stop_text("state", "Must be one of ['cancelled', '" + present + "']");
        }
        if (state == Json("cancelled")) {
            auto cancelled = context.engine.cancel(key);
            if (!cancelled) stop_text("state", cancelled.error().detail);
        }
        return reply_with(200, to_json(context, key));
    }
};

class StepResource final : public Resource {
  public:
    StepResource() : Resource("step") {
        using enum FieldType;
        ordering_ = {"created_at", "modified_at"};
        filters_["id"] = {{"exact", "in"}};
        filters_["job"] = {{"exact"}, [](RestContext& context, Key key) {
                               return Json(context.model.job_of_step(key)->first);
                           }};
        seeks_["job"] = [](RestContext& context, const std::string& text) {
            Keys ids;
            const JobRow* job = context.model.jobs.find(id_in_text(text).value_or(0));
            for (const StepPart& step : job == nullptr ? std::vector<StepPart>{} : job->steps)
                ids.push_back(step.id);
            return ids;
        };
        add_identity(fields_, *this);
        fields_.push_back(field("class_name", string, of([](const StepPart& s) { return s.class_name; })));
        fields_.push_back(field("description", string, of([](const StepPart& s) { return s.description; })));
        fields_.push_back(field("args", dict, of([](const StepPart& s) { return parsed(s.args); })));
        fields_.push_back(field("state", string, of([](const StepPart& s) { return s.state; })));
        fields_.push_back(field("log", string, of([](const StepPart& s) { return s.log; })));
        fields_.push_back(field("console", string, of([](const StepPart& s) { return s.console; })));
        fields_.push_back(field("backtrace", string, of([](const StepPart& s) { return s.backtrace; })));
        auto result = [](const StepPart& s) { return s.result ? Json(*s.result) : Json(nullptr); };
        fields_.push_back(field("result", string, of(result), Field::nullable));
        fields_.push_back(field("created_at", datetime, of([](const StepPart& s) {
                                    return instant(s.created_at);
                                })));
        fields_.push_back(field("modified_at", datetime, of([](const StepPart& s) {
                                    return instant(s.modified_at);
                                })));
        auto index = [](RestContext& context, Key key) {
            return Json(context.model.job_of_step(key)->second);
        };
        fields_.push_back(field("step_index", integer, index));
        auto count = [](RestContext& context, Key key) {
            return Json(context.model.jobs.at(context.model.job_of_step(key)->first).step_count);
        };
        fields_.push_back(field("step_count", integer, count));
    }

    Keys keys(RestContext& context) override { return context.model.step_ids(); }
    bool has(RestContext& context, Key key) override { return context.model.job_of_step(key) != nullptr; }

  private:
    template <class Get>
    static Value of(Get get) {
        return [get](RestContext& context, Key key) -> Json {
            const auto [job, index] = *context.model.job_of_step(key);
            return Json(get(context.model.jobs.at(job).steps.at(static_cast<std::size_t>(index))));
        };
    }
};

}  // namespace

void add_job_resources(ResourceList& list) {
    list.push_back(std::make_unique<JobResource>());
    list.push_back(std::make_unique<StepResource>());
}

}  // namespace csim
