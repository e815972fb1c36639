// Parameters in PUT, and figures.
#include "manager/rest/target_fields.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/conf_param_rules.hpp"
#include "manager/rest/stateful_part.hpp"

#include <cmath>

namespace csim {

namespace {

Json sample_json(
    const std::pair<std::map<std::string, double>, SimTime>& sample, const std::string* metrics
) {
    const std::string wanted = metrics == nullptr || metrics->empty() ? "" : "," + *metrics + ",";
    Json values = Json::object();
    for (const auto& [name, value] : sample.first) {
        if (wanted.empty() || wanted.find("," + name + ",") != std::string::npos) values[name] = value;
    }
    return Json{{"data", std::move(values)}, {"ts", utc_text(sample.second)}};
}

/// One sample of many: sums, or averages.
Json reduced(
    const std::vector<std::pair<std::map<std::string, double>, SimTime>>& samples, const std::string& how,
    const std::string* metrics
) {
    if (samples.empty()) return Json::array();
    std::pair<std::map<std::string, double>, SimTime> total{{}, samples.front().second};
    std::map<std::string, double> counts;
    for (const auto& [values, at] : samples) {
        total.second = std::max(total.second, at);
        for (const auto& [name, value] : values) {
            total.first[name] += value;
            counts[name] += 1;
        }
    }
    if (how == "average") {
        for (auto& [name, value] : total.first) value /= counts[name];
    }
    return Json::array({sample_json(total, metrics)});
}

void check_arguments(const RestTarget& target) {
    const std::string* latest = target.find("latest");
    if (latest != nullptr && *latest == "true") return;
    for (const char* name : {"begin", "end"}) {
        if (target.find(name) == nullptr) stop_field(name, "This field is mandatory when latest=false");
    }
}

}  // namespace

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

std::optional<ApiReply> metrics_reply(
    RestContext& context, Resource& resource, const std::vector<std::string>& path, const Sample& sample
) {
    if (path.back() != "metric" || path.size() > 2) return std::nullopt;
    check_arguments(context.target);
    const std::string* metrics = context.target.find("metrics");
    if (path.size() == 2) {
        const Key key = resource.parse_key(path[0]);
        if (!resource.has(context, key)) stop(404);
        auto found = sample(context.model, key);
        Json list = Json::array();
        if (found) list.push_back(sample_json(*found, metrics));
        return reply_with(200, std::move(list));
    }
    Json by_object = Json::object();
    std::vector<std::pair<std::map<std::string, double>, SimTime>> samples;
    for (Key key : resource.selected(context)) {
        auto found = sample(context.model, key);
        by_object[std::to_string(key)] = found ? Json::array({sample_json(*found, metrics)}) : Json::array();
        if (found) samples.push_back(std::move(*found));
    }
    if (const std::string* how = context.target.find("reduce_fn"))
        return reply_with(200, reduced(samples, *how, metrics));
    return reply_with(200, std::move(by_object));
}

std::map<std::string, double> target_figures(const TargetMetrics& metrics) {
    std::map<std::string, double> figures;
    auto add = [&](const char* name, const std::optional<std::int64_t>& value) {
        if (value) figures[name] = static_cast<double>(*value);
    };
    add("kbytestotal", metrics.kbytestotal);
    add("kbytesfree", metrics.kbytesfree);
    add("kbytesavail", metrics.kbytesavail);
    add("filestotal", metrics.filestotal);
    add("filesfree", metrics.filesfree);
    add("num_exports", metrics.num_exports);
    add("client_count", metrics.client_count);
    add("tot_dirty", metrics.tot_dirty);
    add("tot_granted", metrics.tot_granted);
    add("tot_pending", metrics.tot_pending);
    if (metrics.stats.shapes) {
        for (std::size_t i = 0; i < metrics.stats.values.size() && i < metrics.stats.shapes->size(); ++i) {
            const CounterShape& shape = (*metrics.stats.shapes)[i];
            const CounterValue& value = metrics.stats.values[i];
            figures["stats_" + shape.name] = static_cast<double>(shape.has_sum ? value.sum : value.count);
        }
    }
    return figures;
}

}  // namespace csim
