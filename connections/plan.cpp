#include "connections/plan.hpp"

#include "core/json_codec.hpp"
#include "net/http_text.hpp"
#include "net/socket.hpp"

#include <algorithm>
#include <charconv>

namespace csim::connections {
namespace {

struct Assignment {
    Plan plan;
    Share share;
};
BOOST_DESCRIBE_STRUCT(Assignment, (), (plan, share))

Error bad(const std::string& url, const std::string& what) {
    return {Errc::bad_argument, "'" + url + "' " + what + "; give https://HOST[:PORT][/PATH]"};
}

}  // namespace

Result<Target> parse_target(const std::string& url) {
    static constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) return bad(url, "does not begin with https://");
    std::string rest = url.substr(scheme.size());
    const bool odd =
        std::any_of(rest.begin(), rest.end(), [](unsigned char c) { return c <= ' ' || c == 127; });
    if (odd) return bad(url, "has a space or a control character in it");
    if (rest.find('#') != std::string::npos) return bad(url, "has a fragment");
    Target made;
    if (const auto slash = rest.find('/'); slash != std::string::npos) {
        made.path = rest.substr(slash);
        rest.resize(slash);
    }
    if (rest.find('@') != std::string::npos) return bad(url, "has user information");
    std::size_t colon = rest.rfind(':');
    if (rest.starts_with("[")) {
        const std::size_t end = rest.find(']');
        if (end == std::string::npos) return bad(url, "has a bracket that is not closed");
        made.host = rest.substr(1, end - 1);
        colon = end + 1 < rest.size() && rest[end + 1] == ':' ? end + 1 : std::string::npos;
        if (colon == std::string::npos && end + 1 != rest.size())
            return bad(url, "has no port after its address");
    } else {
        made.host = rest.substr(0, colon);
    }
    if (made.host.empty()) return bad(url, "names no host");
    if (colon == std::string::npos) return made;
    const std::string digits = rest.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535)
        return bad(url, "has no port between 1 and 65535");
    made.port = static_cast<std::uint16_t>(port);
    return made;
}

Result<Target> resolved(Target target) {
    const auto found = resolve(target.host, target.port);
    if (!found) return found.error();
    for (const SocketAddress& each : *found) target.addresses.push_back(each.host());
    if (target.host == "localhost") target.addresses.resize(1);
    return target;
}

SchedulePlan schedule_of(const Plan& plan) {
    return {plan.cadence, plan.period.count(), plan.period_high.count(),
            plan.phase,   plan.seed,           plan.connections};
}

Backoff backoff_of(const Plan& plan) {
    return {plan.backoff_low.count(), plan.backoff_high.count(), plan.backoff_factor, plan.backoff_jitter};
}

std::vector<Share> shares_of(
    const Plan& plan, std::uint64_t first, std::uint64_t count, std::size_t workers
) {
    std::vector<Share> made;
    const unsigned window = plan.in_flight != 0 ? plan.in_flight : 1024;
    for (std::size_t k = 0; k < workers; ++k) {
        Share share;
        const std::uint64_t from = count * k / workers, to = count * (k + 1) / workers;
        share.first = first + from;
        share.count = to - from;
        const double part = static_cast<double>(share.count) /
                            static_cast<double>(std::max<std::uint64_t>(1, plan.connections));
        share.ramp_rate = plan.ramp_rate * part;
        share.churn_rate = plan.churn_rate * part;
        const auto places = static_cast<unsigned>(window * part);
        share.in_flight = std::clamp(places, 1u, plan.in_flight != 0 ? window : std::min(window, 256u));
        if (!plan.sources.empty()) share.source = plan.sources[(first + k) % plan.sources.size()];
        made.push_back(share);
    }
    return made;
}

std::string plan_text(const Plan& plan, const Share& share) {
    return to_json_value(Assignment{plan, share}).dump();
}

Result<std::pair<Plan, Share>> parse_plan(const std::string& text) {
    const auto json = parse_json(text);
    if (!json) return json.error();
    auto assignment = from_json_value<Assignment>(*json, Strictness::exact);
    if (!assignment) return assignment.error();
    return std::pair(std::move(assignment->plan), std::move(assignment->share));
}

}  // namespace csim::connections
