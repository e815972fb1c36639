// Arguments, then series, then sums over objects.
#include "manager/rest/metrics.hpp"

#include "manager/rest/fields.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace csim {

namespace {

/// Agents report about this often: samples of one such span belong together.
constexpr std::int64_t span_ns = 10'000'000'000;

struct Wish {
    bool latest = false;
    SimTime begin, end;
    std::size_t points_max = 1000;
    std::set<std::string, std::less<>> metrics;  ///< empty: all
    bool average = false;
    bool wants(const std::string& name) const { return metrics.empty() || metrics.contains(name); }
};

struct Point {
    SimTime at;
    std::map<std::string, double> values;
};
using Points = std::vector<Point>;

SimTime instant_of(const RestTarget& target, const char* name) {
    const std::string* text = target.find(name);
    if (text == nullptr || text->empty()) stop_field(name, "This field is mandatory when latest=false");
    auto at = parse_utc(*text);
    if (!at) stop_field(name, "Must be a date and time such as 2024-05-01T13:00:00+00:00");
    return *at;
}

bool is_latest(const RestTarget& target) {
    const std::string* text = target.find("latest");
    if (text == nullptr || *text == "false" || *text == "False") return false;
    if (*text != "true" && *text != "True") stop_field("latest", "Must be true or false");
    for (const char* name : {"begin", "end"}) {
        if (target.find(name) != nullptr) stop_field(name, "This field is ambiguous when latest=true");
    }
    return true;
}

Wish parse(const RestTarget& target) {
    Wish wish;
    wish.latest = is_latest(target);
    if (!wish.latest) {
        wish.begin = instant_of(target, "begin");
        wish.end = instant_of(target, "end");
        if (wish.end < wish.begin) stop_field("begin", "Must not be after end");
    }
    for (const char* name : {"max_points", "num_points"}) {
        const std::string* text = target.find(name);
        if (text == nullptr) continue;
        const auto count = id_in_text(*text);
        if (!count) stop_field(name, "Must be a whole number above zero");
        wish.points_max = static_cast<std::size_t>(*count);
    }
    if (const std::string* names = target.find("metrics")) {
        std::istringstream parts(*names);
        for (std::string part; std::getline(parts, part, ',');) {
            if (!part.empty()) wish.metrics.insert(part);
        }
    }
    if (const std::string* how = target.find("reduce_fn")) {
        if (*how != "sum" && *how != "average") stop_field("reduce_fn", "Must be sum or average");
        wish.average = *how == "average";
    }
    return wish;
}

Point point_of(const MetricView& sample, const Wish& wish) {
    Point point{sample.at, {}};
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
        const std::string& name = sample.names[i];
        if (wish.wants(name)) point.values[name] = sample.values[i];
    }
    return point;
}

Points points_of(const MetricSeries* series, const Wish& wish) {
    Points points;
    if (series == nullptr || series->empty()) return points;
    if (wish.latest) return {point_of(series->back(), wish)};
    for (std::size_t i = 0; i < series->size(); ++i) {
        const MetricView sample = (*series)[i];
        if (wish.begin <= sample.at && sample.at <= wish.end) points.push_back(point_of(sample, wish));
    }
    return points;
}

/// Adds up points of the same span, or of all times when only the newest count.
Points reduced(const std::vector<Points>& all, bool latest, bool average) {
    struct Sum {
        Point point;
        std::map<std::string, std::size_t> counts;
    };
    std::map<std::int64_t, Sum> sums;
    for (const Points& points : all) {
        for (const Point& point : points) {
            Sum& sum = sums[latest ? 0 : point.at.unix_ns() / span_ns];
            sum.point.at = std::max(sum.point.at, point.at);
            for (const auto& [name, value] : point.values) {
                sum.point.values[name] += value;
                ++sum.counts[name];
            }
        }
    }
    Points points;
    for (auto& [span, sum] : sums) {
        for (auto& [name, value] : sum.point.values) {
            if (average) value /= static_cast<double>(sum.counts[name]);
        }
        points.push_back(std::move(sum.point));
    }
    return points;
}

/// Every so-manyth point, the newest one included.
Json points_json(const Points& points, std::size_t most) {
    Json list = Json::array();
    const std::size_t step = std::max<std::size_t>(1, (points.size() + most - 1) / most);
    for (std::size_t i = 0; i < points.size(); ++i) {
        if ((points.size() - 1 - i) % step != 0) continue;
        Json data = Json::object();
        for (const auto& [name, value] : points[i].values) data[name] = value;
        list.push_back(Json{{"data", std::move(data)}, {"ts", utc_text(points[i].at)}});
    }
    return list;
}

Points object_points(const Model& model, Key key, const MetricSource& source, const Wish& wish) {
    std::vector<Points> parts;
    for (const auto* series : source(model, key)) parts.push_back(points_of(series, wish));
    if (parts.empty()) return {};
    return parts.size() == 1 ? std::move(parts.front()) : reduced(parts, wish.latest, false);
}

Json list_json(RestContext& context, Resource& resource, const MetricSource& source, const Wish& wish) {
    const std::string* group_by = context.target.find("group_by");
    const bool reduces = context.target.find("reduce_fn") != nullptr;
    Json by_object = Json::object();
    std::map<std::string, std::vector<Points>> groups;
    for (Key key : resource.selected(context)) {
        Points points = object_points(context.model, key, source, wish);
        if (group_by == nullptr && !reduces) {
            by_object[std::to_string(key)] = points_json(points, wish.points_max);
        } else {
            const std::string group = group_by == nullptr ? "" : resource.group_of(context, *group_by, key);
            groups[group].push_back(std::move(points));
        }
    }
    if (group_by == nullptr && !reduces) return by_object;
    if (group_by == nullptr)
        return points_json(reduced(groups[""], wish.latest, wish.average), wish.points_max);
    for (const auto& [group, all] : groups)
        by_object[group] = points_json(reduced(all, wish.latest, wish.average), wish.points_max);
    return by_object;
}

}  // namespace

std::optional<ApiReply> metrics_reply(
    RestContext& context, Resource& resource, const std::vector<std::string>& path, const MetricSource& source
) {
    if (path.back() != "metric" || path.size() > 2) return std::nullopt;
    const Wish wish = parse(context.target);
    if (path.size() == 1) return reply_with(200, list_json(context, resource, source, wish));
    const Key key = resource.parse_key(path[0]);
    if (!resource.has(context, key)) stop(404);
    return reply_with(200, points_json(object_points(context.model, key, source, wish), wish.points_max));
}

MetricSource own_metrics(Kind kind) {
    return [kind](const Model& model, Key key) { return std::vector{model.metrics.find({kind, key})}; };
}

}  // namespace csim
