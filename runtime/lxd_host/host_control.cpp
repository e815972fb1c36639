// The control API of a simulated LXD host: faults, figures, many instances at once, a power failure.
#include "runtime/lxd_host/lxd_host_impl.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace csim {
namespace {

constexpr std::uint64_t populate_max = 1'000'000;

HttpReply json_answer(unsigned status, const Json& body) {
    return {status, {{"Content-Type", "application/json"}}, body.dump(2) + "\n"};
}

HttpReply refused(unsigned status, const std::string& text) {
    return json_answer(status, {{"error", text}});
}

}  // namespace

Json LxdHost::Impl::figures() const {
    Json resources = Json::array();
    for (const HostUse& each : context.host.use()) {
        resources.push_back(
            {{"name", each.name},
             {"capacity", each.capacity},
             {"used", each.used},
             {"refusals", each.refusals}}
        );
    }
    return {
        {"model", options.model.name},
        {"instances", instances.size()},
        {"running", instances.running()},
        {"in_flight", context.host.in_flight()},
        {"wedged", context.host.wedges()},
        {"list_blocked", context.host.list_is_blocked()},
        {"event_listeners", context.events.listeners()},
        {"requests", requests},
        {"resources", resources}};
}

void LxdHost::Impl::apply_faults() {
    EventHabits habits;
    habits.stalled = context.faults.find("events-stall") != nullptr;
    habits.reorder = context.faults.find("event-reorder") != nullptr;
    if (context.faults.find("event-loss") != nullptr)
        habits.loses = [this] { return context.faults.hit("event-loss"); };
    context.events.set_habits(std::move(habits));
    const bool expired = context.faults.find("cert-expired") != nullptr;
    if (expired != shows_expired) server->present(expired ? expired_twin(identity) : identity);
    shows_expired = expired;
    context.operations.lose(context.faults.find("op-lost") != nullptr);
    context.timeline.cancel(oom);
    if (context.faults.find("oom") != nullptr) kill_by_oom();
    if (context.faults.find("daemon-wedge") != nullptr || context.host.list_is_blocked()) return;
    // What waited for the daemon is answered now; requests that only wait for a delay are, too.
    for (auto& [number, call] : std::exchange(held, {}))
        if (auto reply = this->answer(call)) send(call, std::move(*reply));
}

void LxdHost::Impl::kill_by_oom() {
    const LxdFault* fault = context.faults.find("oom");
    if (fault == nullptr) return;
    const Duration span = std::max<std::int64_t>(fault->ms, 1) * context.second / 1000;
    oom = context.timeline.after(span, [this] {
        if (context.faults.hit("oom")) instances.kill_one(context.chance);
        kill_by_oom();
    });
}

Result<Nothing> LxdHost::Impl::populate(const std::string& prefix, std::uint64_t count, bool running) {
    if (options.images.empty()) return Error{Errc::not_found, "there is no built-in image to make them of"};
    return instances.populate(prefix, count, running, images.by_alias(options.images.front()));
}

HttpReply LxdHost::Impl::control_faults(const HttpRequest& request) {
    const std::string rest = request.target.substr(std::string("/faults").size());
    if (rest == "/kinds" && request.method == "GET") {
        Json list = Json::array();
        for (const LxdFaultKind& each : lxd_fault_kinds())
            list.push_back({{"kind", each.name}, {"says", each.says}});
        return json_answer(200, list);
    }
    if (rest.empty() && request.method == "GET") return json_answer(200, context.faults.shown());
    if (rest.empty() && request.method == "POST") {
        const Json body = Json::parse(request.body, nullptr, false);
        const auto id = context.faults.set(body);
        if (!id) return refused(400, id.error().detail);
        apply_faults();
        return json_answer(201, {{"id", *id}});
    }
    if (request.method != "DELETE")
        return refused(405, "faults are read, set and cleared by GET, POST and DELETE");
    std::uint64_t id = 0;
    if (rest.empty()) {
        context.faults.clear_all();
    } else {
        const auto [end, wrong] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), id);
        if (wrong != std::errc{} || end != rest.data() + rest.size() || !context.faults.clear(id))
            return refused(404, "there is no fault " + rest.substr(1));
    }
    apply_faults();
    return json_answer(200, context.faults.shown());
}

HttpReply LxdHost::Impl::control_populate(const HttpRequest& request) {
    const Json body = Json::parse(request.body, nullptr, false);
    try {
        const auto count = number_in(body, "count");
        const std::string prefix = text_in(body, "prefix", "sim-");
        if (count < 1 || static_cast<std::uint64_t>(count) > populate_max)
            return refused(400, "/count: must be between 1 and " + std::to_string(populate_max));
        if (const auto good = check_node_name(prefix + "1"); !good) return refused(400, good.error().detail);
        const auto made = populate(prefix, static_cast<std::uint64_t>(count), flag_in(body, "running"));
        if (!made) return refused(409, made.error().detail);
    } catch (const LxdRefusal& wrong) {
        return refused(400, wrong.text);
    }
    return json_answer(200, figures());
}

HttpReply LxdHost::Impl::control(const HttpRequest& asked) {
    HttpRequest request = asked;
    while (request.target.starts_with("//")) request.target.erase(0, 1);
    if (request.target.starts_with("/faults")) return control_faults(request);
    if (request.target == "/host" && request.method == "GET") return json_answer(200, figures());
    if (request.target == "/populate" && request.method == "POST") return control_populate(request);
    if (request.target == "/reboot" && request.method == "POST") {
        instances.reboot();
        context.events.cut_all();
        apply_faults();
        return json_answer(200, figures());
    }
    return refused(404, "there are /host, /faults, /faults/kinds, /populate and /reboot");
}

}  // namespace csim
