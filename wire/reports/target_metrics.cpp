#include "wire/reports/target_metrics.hpp"

#include "core/json_codec.hpp"

#include <algorithm>

namespace csim {
namespace {

using Scalar = std::optional<std::int64_t> TargetMetrics::*;

struct ScalarName {
    const char* name;
    Scalar member;
};

constexpr ScalarName scalars[] = {
    {"filestotal", &TargetMetrics::filestotal},     {"filesfree", &TargetMetrics::filesfree},
    {"kbytestotal", &TargetMetrics::kbytestotal},   {"kbytesfree", &TargetMetrics::kbytesfree},
    {"kbytesavail", &TargetMetrics::kbytesavail},   {"num_exports", &TargetMetrics::num_exports},
    {"client_count", &TargetMetrics::client_count}, {"tot_dirty", &TargetMetrics::tot_dirty},
    {"tot_granted", &TargetMetrics::tot_granted},   {"tot_pending", &TargetMetrics::tot_pending},
};

struct CounterForm {
    std::int64_t count = 0;
    std::string units;
    std::optional<std::int64_t> sum, min, max, sumsquare;
};
BOOST_DESCRIBE_STRUCT(CounterForm, (), (count, units, sum, min, max, sumsquare))

Error inside(const std::string& key, const Error& error) {
    const bool whole = error.detail.starts_with("/:");
    return {error.code, "/" + key + (whole ? error.detail.substr(1) : error.detail)};
}

/// Decodes the part `key` into `into`, if there is one.
template <class T>
Result<Nothing> decode_part(const Json& json, const char* key, Strictness strictness, T& into) {
    const auto part = json.find(key);
    if (part == json.end()) return Nothing{};
    auto value = from_json_value<T>(*part, strictness);
    if (!value) return inside(key, value.error());
    into = std::move(*value);
    return Nothing{};
}

}  // namespace

const CounterValue* Counters::find(std::string_view name) const {
    if (shapes == nullptr) return nullptr;
    const auto found = std::ranges::find(*shapes, name, &CounterShape::name);
    return found == shapes->end() ? nullptr : &values[static_cast<std::size_t>(found - shapes->begin())];
}

Json Counters::to_json() const {
    Json json = Json::object();
    if (shapes == nullptr) return json;
    for (std::size_t i = 0; i < shapes->size(); ++i) {
        const CounterShape& shape = (*shapes)[i];
        const CounterValue& value = values[i];
        Json& counter = json[shape.name] = Json{{"count", value.count}, {"units", shape.units}};
        if (shape.has_sum) {
            counter["sum"] = value.sum;
            counter["min"] = value.min;
            counter["max"] = value.max;
        }
        if (shape.has_sumsquare) counter["sumsquare"] = value.sumsquare;
    }
    return json;
}

Result<Counters> Counters::from_json(const Json& json, Strictness) {
    auto forms = from_json_value<std::map<std::string, CounterForm>>(json, Strictness::lenient);
    if (!forms) return forms.error();
    auto shapes = std::make_shared<std::vector<CounterShape>>();
    Counters counters;
    for (auto& [name, form] : *forms) {
        shapes->push_back({name, form.units, form.sum.has_value(), form.sumsquare.has_value()});
        counters.values.push_back(
            {form.count, form.sum.value_or(0), form.min.value_or(0), form.max.value_or(0),
             form.sumsquare.value_or(0)}
        );
    }
    counters.shapes = std::move(shapes);
    return counters;
}

Json TargetMetrics::to_json() const {
    Json json = Json::object();
    for (const auto& [name, member] : scalars) {
        if (this->*member) json[name] = *(this->*member);
    }
    if (stats.shapes != nullptr) json["stats"] = stats.to_json();
    if (job_stats) json["job_stats"] = to_json_value(*job_stats);
    if (brw_stats != nullptr) json["brw_stats"] = to_json_value(*brw_stats);
    if (hsm) json["hsm"] = to_json_value(*hsm);
    return json;
}

Result<TargetMetrics> TargetMetrics::from_json(const Json& json, Strictness) {
    constexpr auto how = Strictness::lenient;
    if (!json.is_object()) return Error{Errc::bad_argument, "/: expected an object"};
    TargetMetrics metrics;
    for (const auto& [name, member] : scalars) {
        const auto done = decode_part(json, name, how, metrics.*member);
        if (!done) return done.error();
    }
    const auto stats = decode_part(json, "stats", how, metrics.stats);
    if (!stats) return stats.error();
    const auto jobs = decode_part(json, "job_stats", how, metrics.job_stats);
    if (!jobs) return jobs.error();
    const auto histograms = decode_part(json, "brw_stats", how, metrics.brw_stats);
    if (!histograms) return histograms.error();
    const auto hsm = decode_part(json, "hsm", how, metrics.hsm);
    if (!hsm) return hsm.error();
    return metrics;
}

}  // namespace csim
