#include "benchmark/routines/bench.hpp"

#include "benchmark/measure/attribution.hpp"

#include <chrono>
#include <poll.h>

namespace csim {
namespace {

constexpr double command_patience = 600;

double in_seconds(Duration span) {
    return static_cast<double>(span.count()) * 1e-9;
}

/// Waits without a clock of its own: nothing happens on this thread meanwhile.
void rest_for(int milliseconds) {
    ::poll(nullptr, 0, milliseconds);
}

std::string shortened(const std::string& text) {
    return text.size() <= 300 ? text : text.substr(0, 300) + "…";
}

}  // namespace

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Bench::Bench(
    Monitor& monitor, ClusterPort& cluster, Interrupt& interrupt, const RoutineOptions& options, Say say
)
    : monitor_(monitor),
      cluster_(cluster),
      interrupt_(interrupt),
      options_(options),
      say_(std::move(say)),
      began_(steady_seconds()),
      deadline_(began_ + in_seconds(options.time_limit)) {}

double Bench::seconds() const {
    return steady_seconds() - began_;
}

bool Bench::stopping() const {
    if (steady_seconds() > deadline_) return true;
    return cleaning_ ? interrupt_.insisted() : interrupt_.requested();
}

void Bench::check() const {
    if (!stopping()) return check_resources();
    const bool by_user = cleaning_ ? interrupt_.insisted() : interrupt_.requested();
    if (by_user) throw StopRun(StopRun::Why::interrupted, "interrupted");
    throw StopRun(
        StopRun::Why::time_limit, cleaning_ ? "cleaning up took too long" : "the time limit was reached"
    );
}

void Bench::check_resources() const {
    if (!options_.stop_at_limit || cleaning_) return;
    const auto last = monitor_.last_interval();
    if (!last || last->at == looked_at_) return;
    looked_at_ = last->at;
    if (const auto found = find_exhausted_resource(monitor_.intervals()))
        throw StopRun(StopRun::Why::exhausted, found->name + " has run out");
}

void Bench::begin_cleaning(Duration at_most) {
    cleaning_ = true;
    deadline_ = steady_seconds() + in_seconds(at_most);
}

void Bench::pause(Duration span) const {
    const double end = steady_seconds() + in_seconds(span);
    for (double left; (left = end - steady_seconds()) > 0;) {
        check();
        rest_for(static_cast<int>(std::min(left * 1000 + 1, 100.0)));
    }
    check();
}

bool Bench::until(const std::function<bool()>& holds, Duration limit) const {
    const double end = steady_seconds() + in_seconds(limit);
    while (!holds()) {
        check();
        if (steady_seconds() > end) return false;
        rest_for(100);
    }
    return true;
}

RestReply Bench::send(const std::string& method, const std::string& path, const Json& body) {
    check();
    auto reply =
        monitor_.request(method, path, body.is_null() ? "" : body.dump(), [this] { return stopping(); });
    if (!reply) {
        check();
        throw StepFailed(method + " " + path + ": " + reply.error().detail);
    }
    return std::move(*reply);
}

Json Bench::get(const std::string& path) {
    const RestReply reply = send("GET", path);
    if (!reply.ok())
        throw StepFailed(
            "GET " + path + " was answered with status " + std::to_string(reply.status) + ": " +
            shortened(reply.text)
        );
    Json body = reply.json();
    if (!body.is_object()) throw StepFailed("GET " + path + " was not answered with a JSON object");
    return body;
}

Json Bench::post(const std::string& path, const Json& body) {
    const RestReply reply = send("POST", path, body);
    if (!reply.ok())
        throw StepFailed(
            "POST " + path + " was answered with status " + std::to_string(reply.status) + ": " +
            shortened(reply.text)
        );
    return reply.json();
}

std::int64_t Bench::total(const std::string& path) {
    const Json list = get(path);
    const auto meta = list.find("meta");
    if (meta == list.end() || !meta->is_object()) throw StepFailed("GET " + path + " is no list");
    return meta->value("total_count", std::int64_t(0));
}

Json Bench::cluster(const std::string& operation, const Json& parameters) {
    check();
    auto answer = cluster_.call(operation, parameters, [this] { return stopping(); });
    if (!answer) {
        check();
        throw StepFailed("the simulator: " + operation + ": " + answer.error().detail);
    }
    return std::move(answer->value);
}

FreshUnit Bench::add_unit(int servers, int volumes) {
    const Json made = cluster("add_su", Json::array({servers, volumes, 1}));
    FreshUnit unit;
    unit.fqdns = made.at("fqdns").get<std::vector<std::string>>();
    unit.serials = made.at("serials").get<std::vector<std::string>>();
    unit.controller_id = made.at("controller_id").get<std::int64_t>();
    return unit;
}

void Bench::wait_for_commands(const std::vector<std::string>& uris) {
    const double end = steady_seconds() + command_patience;
    for (const std::string& uri : uris) {
        for (int wait = 50;; wait = std::min(wait * 2, 1000)) {
            const Json command = get(uri.substr(1));
            if (command.value("complete", false)) {
                if (command.value("errored", false) || command.value("cancelled", false))
                    throw StepFailed(
                        "the manager's command failed: " + command.value("message", uri) + ": " +
                        shortened(command.value("logs", ""))
                    );
                break;
            }
            if (steady_seconds() > end)
                throw StepFailed("the manager took more than 600 s for: " + command.value("message", uri));
            rest_for(wait);
        }
    }
}

std::map<std::string, QueueSample> Bench::queues() const {
    const auto last = monitor_.last_interval();
    return last ? last->queues : std::map<std::string, QueueSample>{};
}

bool Bench::manager_answers() {
    if (monitor_.manager_gone()) return false;
    try {
        return until(
            [this] {
                auto reply = monitor_.request("GET", "api/session/", "", [this] { return stopping(); });
                return reply && reply->status < 500;
            },
            5s
        );
    } catch (const StopRun&) {
        return false;
    }
}

}  // namespace csim
