#include "sim/vtime/time_line.hpp"

#include "core/utc.hpp"
#include "sim/scenario/workload.hpp"
#include "sim/vtime/time_line_page.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace csim {
namespace {

constexpr Duration look_period = 10s;

/// ` a=1 b="two words"` as a map.
std::map<std::string, std::string> parse_fields(const std::string& text) {
    std::map<std::string, std::string> fields;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && text[at] == ' ') ++at;
        const std::size_t equals = text.find('=', at);
        if (equals == std::string::npos) break;
        const std::string key = text.substr(at, equals - at);
        at = equals + 1;
        const bool quoted = at < text.size() && text[at] == '"';
        const std::size_t end = std::min(text.find(quoted ? '"' : ' ', at + (quoted ? 1 : 0)), text.size());
        fields[key] = text.substr(at + (quoted ? 1 : 0), end - at - (quoted ? 1 : 0));
        at = end + 1;
    }
    return fields;
}

std::string short_name(const std::string& fqdn) {
    return fqdn.substr(0, fqdn.find('.'));
}

}  // namespace

TimeLine::TimeLine(VirtualCluster& cluster)
    : cluster_(cluster),
      begin_(cluster.timeline().now()),
      next_look_(begin_),
      self_(std::make_shared<TimeLine*>(this)) {
    for (const FakeServer* node : cluster.simulator().world().nodes()) lanes_[node->fqdn()];
    if (cluster.manager_alive()) manager_.emplace_back(0.0, "started");
    cluster.trace().add_sink([self = self_](const TraceEvent& event) {
        if (*self != nullptr) (*self)->heard(event);
    });
}

TimeLine::~TimeLine() {
    *self_ = nullptr;
}

double TimeLine::seconds(SimTime at) const {
    return std::chrono::duration<double>(at - begin_).count();
}

void TimeLine::put(std::vector<Span>& lane, double at, std::string value) {
    if (!lane.empty() && lane.back().value == value) return;
    if (!lane.empty() && lane.back().at == at)
        lane.back().value = std::move(value);
    else
        lane.push_back({at, std::move(value)});
}

void TimeLine::session(const std::string& fqdn, int change) {
    const int count = std::max(0, open_[fqdn] += change);
    put(lanes_[fqdn].sessions, seconds(cluster_.timeline().now()), std::to_string(count));
}

/// Where the resources of a server's lane are is made anew for both ends of a move.
void TimeLine::moved(const Fields& fields) {
    const auto label = fields.find("ha_label");
    if (label == fields.end()) return;
    const auto to = fields.find("to");
    const bool nowhere =
        to == fields.end() || to->second == "null" || to->second == "none" || to->second == "-";
    homes_[label->second] = nowhere ? "" : to->second;
    const double now = seconds(cluster_.timeline().now());
    for (auto& [fqdn, lanes] : lanes_) {
        std::string all;
        for (const auto& [resource, node] : homes_) {
            if (node == short_name(fqdn))
                all += (all.empty() ? "" : " ") + resource.substr(0, resource.find('_'));
        }
        if (!all.empty() || !lanes.resources.empty()) put(lanes.resources, now, all);
    }
}

void TimeLine::heard(const TraceEvent& event) {
    const std::string_view name = event.name();
    const std::string subject(event.subject);
    const double now = seconds(event.at);
    if (name == "session_opened") return session(subject, 1);
    if (name == "session_ended") return session(subject, -1);
    const bool wanted = name == "phase_changed" || name == "resource_moved" || name == "fault_began" ||
                        name == "fault_ended" || name == "manager_changed";
    if (!wanted) return;
    const Fields fields = parse_fields(fields_text(event.kind, event.fields));
    const auto field = [&fields](const char* key) {
        const auto found = fields.find(key);
        return found == fields.end() ? std::string() : found->second;
    };
    if (name == "phase_changed") put(lanes_[subject].power, now, field("to"));
    if (name == "resource_moved") moved(fields);
    if (name == "fault_began") faults_[field("number")] = {field("workload"), field("where"), now, -1};
    if (name == "fault_ended") faults_[field("number")].to = now;
    if (name == "manager_changed") manager_.emplace_back(now, field("how"));
}

void TimeLine::look() {
    const SimTime now = cluster_.timeline().now();
    if (now < next_look_) return;
    next_look_ = now + look_period;
    for (auto& [fqdn, lanes] : lanes_) {
        const bool runs = cluster_.simulator().fleet().running(fqdn);
        put(lanes.agent, seconds(now), runs ? "running" : "gone");
    }
}

Json TimeLine::workloads_json(bool faults) const {
    Json all = Json::array();
    for (const auto& [number, each] : faults_) {
        const ScenarioWorkload* workload = find_workload(each.name);
        const bool is_fault = workload != nullptr && workload->fault;
        if (is_fault != faults) continue;
        // What has no end of its own is an instant.
        const bool instant = workload != nullptr && workload->lasts_seconds == 0 && each.to < 0;
        all.push_back({each.name, each.where, each.from, instant ? each.from : each.to});
    }
    return all;
}

Json TimeLine::alerts_json() const {
    Json all = Json::array();
    if (!cluster_.manager_alive()) return all;
    const Model& model = cluster_.manager().model();
    model.alerts.each([&](const AlertRow& row) {
        const bool lasts = row.active || row.end.has_value();
        if (!lasts || row.type.starts_with("Command")) return;
        const std::int64_t host = model.host_of(row.item);
        const HostRow* of = host == 0 ? nullptr : model.hosts.find(host);
        all.push_back(
            {row.type, row.message, of == nullptr ? "" : short_name(of->fqdn), seconds(row.begin),
             row.end ? seconds(*row.end) : -1.0}
        );
    });
    return all;
}

Json TimeLine::commands_json() const {
    Json all = Json::array();
    if (!cluster_.manager_alive()) return all;
    const Model& model = cluster_.manager().model();
    model.commands.each([&](const CommandRow& row) {
        SimTime end = row.created_at;
        for (const std::int64_t id : row.jobs) {
            if (const JobRow* job = model.jobs.find(id)) end = std::max(end, job->modified_at);
        }
        const char* outcome = !row.complete   ? "running"
                              : row.cancelled ? "cancelled"
                              : row.errored   ? "failed"
                                              : "done";
        all.push_back({row.message, seconds(row.created_at), row.complete ? seconds(end) : -1.0, outcome});
    });
    return all;
}

Json TimeLine::data() const {
    Json servers = Json::array();
    const auto lane = [](const std::vector<Span>& spans) {
        Json flat = Json::array();
        for (const Span& span : spans) {
            flat.push_back(span.at);
            flat.push_back(span.value);
        }
        return flat;
    };
    for (const auto& [fqdn, lanes] : lanes_) {
        servers.push_back(
            {{"name", short_name(fqdn)},
             {"power", lane(lanes.power)},
             {"agent", lane(lanes.agent)},
             {"sessions", lane(lanes.sessions)},
             {"resources", lane(lanes.resources)}}
        );
    }
    Json manager = Json::array();
    for (const auto& [at, how] : manager_) manager.push_back({at, how});
    return {{"start", utc_text_seconds(begin_)}, {"end", seconds(cluster_.timeline().now())},
            {"servers", std::move(servers)},     {"faults", workloads_json(true)},
            {"work", workloads_json(false)},     {"alerts", alerts_json()},
            {"commands", commands_json()},       {"manager", std::move(manager)}};
}

std::string TimeLine::page(const std::string& title, const std::vector<std::string>& notes) {
    Json all = data();
    all["title"] = title;
    all["notes"] = notes;
    std::string text = all.dump(-1, ' ', true, Json::error_handler_t::replace);
    // Nothing in the data may end the script that holds it.
    for (std::size_t at = text.find("</"); at != std::string::npos; at = text.find("</", at + 3))
        text.replace(at, 2, "<\\/");
    std::string page = time_line_page();
    const std::string place = "/*DATA*/null";
    page.replace(page.find(place), place.size(), text);
    return page;
}

void write_page(const std::filesystem::path& file, const std::string& page) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << page;
    out.close();
    if (!out) throw Fatal("the report cannot be written to " + file.string());
}

}  // namespace csim
