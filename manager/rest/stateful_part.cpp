// Offers, locks and state changes as JSON.
#include "manager/rest/stateful_part.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/fields.hpp"

#include <algorithm>

namespace csim::stateful {

namespace {

Json locks_json(RestContext& context, ObjectRef object) {
    const LockHolders holders = context.engine.locks().holders(object);
    return Json{{"read", holders.read}, {"write", holders.write}};
}

Json transition_json(const Offer& offer) {
    return Json{
        {"state", offer.state},
        {"verb", offer.job->verb},
        {"long_description", offer.job->long_description},
        {"display_group", offer.job->display_group},
        {"display_order", offer.job->display_order},
    };
}

Json job_json(const Offer& offer) {
    Json args{{std::string(offer.job->argument), offer.subject.id}};
    return Json{
        {"class_name", offer.job->name},
        {"args", std::move(args)},
        {"verb", offer.job->verb},
        {"long_description", offer.job->long_description},
        {"display_group", offer.job->display_group},
        {"display_order", offer.job->display_order},
        {"confirmation", offer.job->confirmation.empty() ? Json(nullptr) : Json(offer.job->confirmation)},
    };
}

/// What may be done with the object whose fields are being written.
struct Offers {
    ObjectRef object;
    std::vector<Offer> transitions, jobs;
};

const Offers& offers_of(RestContext& context, ObjectRef object) {
    // The three lists of one object are written one after the other.
    Offers& last = context.once<Offers>("offers", [] { return Offers{}; });
    if (last.object != object)
        last = {object, context.engine.transitions(object), context.engine.jobs(object)};
    return last;
}

Json transitions_json(RestContext& context, ObjectRef object) {
    Json list = Json::array();
    for (const Offer& offer : offers_of(context, object).transitions) list.push_back(transition_json(offer));
    return list;
}

Json jobs_json(RestContext& context, ObjectRef object) {
    Json list = Json::array();
    for (const Offer& offer : offers_of(context, object).jobs) list.push_back(job_json(offer));
    return list;
}

Json actions_json(RestContext& context, ObjectRef object) {
    Json list = transitions_json(context, object);
    for (const Offer& offer : offers_of(context, object).jobs) list.push_back(job_json(offer));
    auto& actions = list.get_ref<Json::array_t&>();
    std::stable_sort(actions.begin(), actions.end(), [](const Json& a, const Json& b) {
        return a["display_order"] < b["display_order"];
    });
    return list;
}

Json hop_json(const Hop& hop, const Model& model) {
    const bool asks = hop.job->requires_confirmation;
    return Json{
        {"class", hop.job->name},
        {"requires_confirmation", asks},
        {"confirmation_prompt", hop.job->confirmation.empty() ? Json(nullptr) : Json(hop.job->confirmation)},
        {"description", hop.job->describe(model, hop.object)},
        {"stateful_object_id", hop.object.id},
        {"stateful_object_content_type_id", content_type_id(hop.object.kind)},
    };
}

ApiReply dry_run(RestContext& context, ObjectRef object, const std::string& state) {
    auto plan = context.engine.dry_run(object, state);
    if (!plan) stop_text("state", plan.error().detail);
    if (plan->hops.empty()) return reply_with(200, Json::array());
    Json before = Json::array();
    for (std::size_t i = 0; i + 1 < plan->hops.size(); ++i)
        before.push_back(hop_json(plan->hops[i], context.model));
    Json transition = hop_json(plan->hops.back(), context.model);
    return reply_with(
        200, Json{{"transition_job", std::move(transition)}, {"dependency_jobs", std::move(before)}}
    );
}

}  // namespace

void add_fields(std::vector<Field>& fields, Kind kind, Value label) {
    constexpr unsigned readonly = Field::readonly;
    auto status = [kind](auto get) -> Value {
        return [kind, get](RestContext& context, Key key) -> Json {
            const Status* found = context.model.status({kind, key});
            return found == nullptr ? Json(nullptr) : Json(get(*found));
        };
    };
    auto offers = [kind](auto make) -> Value {
        return [kind, make](RestContext& context, Key key) -> Json {
            return make(context, ObjectRef{kind, key});
        };
    };
    fields.push_back(field(
        "id", FieldType::integer, [](RestContext&, Key key) { return Json(key); }, readonly | Field::unique
    ));
    fields.push_back(field(
        "resource_uri", FieldType::string,
        [kind](RestContext&, Key key) {
            return Json(resource_uri({kind, key}));
        },
        readonly
    ));
    fields.push_back(field(
        "content_type_id", FieldType::integer,
        [kind](RestContext&, Key) { return Json(content_type_id(kind)); }, readonly
    ));
    fields.push_back(field("label", FieldType::string, std::move(label), readonly));
    fields.push_back(
        field("state", FieldType::string, status([](const Status& s) { return s.state; }), readonly)
    );
    fields.push_back(field(
        "state_modified_at", FieldType::datetime,
        status([](const Status& s) { return instant(s.modified_at); }), readonly
    ));
    fields.push_back(field(
        "immutable_state", FieldType::boolean, status([](const Status& s) { return s.immutable; }), readonly
    ));
    fields.push_back(field("locks", FieldType::dict, offers(locks_json), readonly));
    fields.push_back(
        field("available_transitions", FieldType::list, offers(transitions_json), readonly | Field::top_only)
    );
    fields.push_back(field("available_jobs", FieldType::list, offers(jobs_json), readonly | Field::top_only));
    fields.push_back(
        field("available_actions", FieldType::list, offers(actions_json), readonly | Field::absent_if_nested)
    );
}

Json command_json(RestContext& context, std::int64_t command) {
    return context.resources.at("command")->nested_json(context, command);
}

ApiReply command_reply(RestContext& context, std::int64_t command) {
    return reply_with(202, Json{{"command", command_json(context, command)}});
}

ApiReply put_state(RestContext& context, ObjectRef object) {
    const Json& wanted = member(context.body, "state");
    if (!wanted.is_string()) stop_field("state", "This field is mandatory");
    const std::string state = wanted.get<std::string>();
    if (member(context.body, "dry_run") == Json(true)) return dry_run(context, object, state);
    auto started = context.engine.set_state(object, state);
    if (!started) stop_text("state", started.error().detail);
    if (!*started) return bare_reply(204);
    return command_reply(context, **started);
}

ApiReply remove(RestContext& context, ObjectRef object) {
    const Status* status = context.model.status(object);
    const auto& states = stateful_class(object.kind)->states;
    // What is only watched is left as it is; the manager merely stops to watch it.
    const bool can_be_forgotten = std::find(states.begin(), states.end(), "forgotten") != states.end();
    const bool forget = status != nullptr && status->immutable && can_be_forgotten;
    auto started = context.engine.set_state(object, forget ? "forgotten" : "removed");
    if (!started) stop_text("__all__", started.error().detail);
    if (!*started) return bare_reply(204);
    return command_reply(context, **started);
}

}  // namespace csim::stateful
