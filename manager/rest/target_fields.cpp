// Parameters in PUT.
#include "manager/rest/target_fields.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/stateful_part.hpp"

namespace csim {

ApiReply put_with_params(
    RestContext& context, Resource& resource, ObjectRef object, const Params& present, std::string_view level,
    const char* name
) {
    const Json& given = member(context.body, "conf_params");
    if (given.is_null()) return stateful::put_state(context, object);
    const conf_params::Values values = conf_params::parse(given, level);
    if (!conf_params::differs(present, values)) {
        const Json& state = member(context.body, "state");
        const bool moves = state.is_string() && state != Json(context.model.status(object)->state);
        if (moves) return stateful::put_state(context, object);
        context.detail = true;
        return reply_with(200, resource.to_json(context, object.id));
    }
    const std::int64_t mgt = conf_params::note(context.model, object, values);
    const Json args{{"mgs_id", mgt}};
    auto started = context.engine.run_jobs(
        "Updating configuration parameters", {{"ApplyConfParams", {Kind::target, mgt}, args.dump()}}
    );
    if (!started) stop_text("error", started.error().detail);
    ApiReply reply = stateful::command_reply(context, *started);
    context.detail = true;
    (*reply.body)[name] = resource.to_json(context, object.id);
    return reply;
}

ApiReply resource_graph(RestContext& context, Resource& targets, const std::string& text) {
    const Key key = targets.parse_key(text);
    const TargetRow* target = context.model.targets.find(key);
    if (target == nullptr) stop(404);
    Json nodes = Json::array({Json{{"id", targets.uri(key)}, {"name", target->name}, {"type", "target"}}});
    Json edges = Json::array();
    const std::string volume = "/api/volume/" + std::to_string(target->volume_id) + "/";
    nodes.push_back(Json{{"id", volume}, {"name", target->volume_label}, {"type", "volume"}});
    edges.push_back(Json::array({targets.uri(key), volume}));
    for (const MountPart& mount : target->mounts) {
        const ObjectRef host{Kind::host, mount.host_id};
        nodes.push_back(Json{
            {"id", resource_uri(host)}, {"name", context.model.display_text(host)}, {"type", "host"}});
        edges.push_back(Json::array({volume, resource_uri(host)}));
    }
    Json graph{{"nodes", std::move(nodes)}, {"edges", std::move(edges)}};
    return reply_with(200, Json{{"graph", std::move(graph)}});
}

}  // namespace csim
