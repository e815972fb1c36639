// What happens to the manager, and what its users ask of it.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

constexpr Duration ask_again = 10s;

void register_all(const StrikePtr& strike) {
    strike->host.cluster->register_all();
}

void kill_manager(const StrikePtr& strike) {
    strike->host.cluster->kill_manager();
}

void start_manager(Strike& strike) {
    strike.host.cluster->start_manager();
}

void full_disk(const StrikePtr& strike) {
    strike->host.cluster->fill_manager_disk();
}

void free_disk(Strike& strike) {
    strike.host.cluster->free_manager_disk();
}

/// The ids of volumes that no target uses and two servers see.
std::vector<std::int64_t> usable(const Json& volumes) {
    std::vector<std::int64_t> ids;
    if (!volumes.is_object() || !volumes.contains("objects")) return ids;
    for (const Json& volume : volumes["objects"]) {
        const bool shared = volume.contains("volume_nodes") && volume["volume_nodes"].size() >= 2;
        if (shared) ids.push_back(volume.value("id", std::int64_t{0}));
    }
    return ids;
}

void create_filesystem(const StrikePtr& strike);

void later(const StrikePtr& strike) {
    strike->host.timeline.after(ask_again, [strike] { create_filesystem(strike); });
}

void make(const StrikePtr& strike, const std::vector<std::int64_t>& ids) {
    const auto osts = static_cast<std::size_t>(strike->number("osts"));
    Json list = Json::array();
    for (std::size_t i = 0; i < osts; ++i)
        list.push_back(Json{{"volume_id", ids[2 + i]}, {"conf_params", Json::object()}});
    const std::string name = "fs" + std::to_string(static_cast<int>(strike->number("number")));
    const Json body{
        {"name", name},
        {"mgt", Json{{"volume_id", ids[0]}}},
        {"mdts", Json::array({Json{{"volume_id", ids[1]}, {"conf_params", Json::object()}}})},
        {"osts", list},
        {"conf_params", Json::object()}};
    strike->host.cluster->rest().request(
        "POST", "/api/filesystem/", body,
        [strike](const VirtualReply& reply) {
            if (reply.status == 0 || reply.status >= 500) later(strike);
        }
    );
}

/// Waits until every server is set up and the manager has seen enough volumes.
void create_filesystem(const StrikePtr& strike) {
    VirtualRest& rest = strike->host.cluster->rest();
    rest.request("GET", "/api/host/?limit=0", Json(), [strike, &rest](const VirtualReply& hosts) {
        std::size_t ready = 0;
        const std::size_t wanted = strike->host.simulator.world().node_count();
        if (hosts.status == 200 && hosts.body.contains("objects")) {
            for (const Json& host : hosts.body["objects"])
                ready += host.value("state", "") == "managed" || host.value("state", "") == "working";
        }
        if (ready < wanted) return later(strike);
        rest.request(
            "GET", "/api/volume/?category=unused&limit=0", Json(),
            [strike](const VirtualReply& volumes) {
                const auto ids = usable(volumes.body);
                if (ids.size() < 2 + static_cast<std::size_t>(strike->number("osts"))) return later(strike);
                make(strike, ids);
            }
        );
    });
}

void client_load(const StrikePtr& strike) {
    if (strike->over) return;
    static constexpr std::array<const char*, 5> pages{
        "/api/host/?limit=0", "/api/alert/?active=true&limit=0", "/api/filesystem/?limit=0",
        "/api/target/?limit=0", "/api/command/?limit=20"};
    const auto page = static_cast<std::size_t>(strike->chance.between(0, 4));
    strike->host.cluster->rest().request("GET", pages[page], Json(), [](const VirtualReply&) {});
    const auto pause = Duration(static_cast<std::int64_t>(1e9 / strike->number("per_second")));
    strike->host.timeline.after(pause, [strike] { client_load(strike); });
}

void stop_load(Strike&) {}

constexpr std::array filesystem_parameters{
    WorkloadParameter{"osts", Kind::number, 2, 1, 1000, "", "object storage targets"},
    WorkloadParameter{"number", Kind::number, 1, 1, 999, "", "filesystem N is called fsN"},
};
constexpr std::array load_parameters{
    WorkloadParameter{"per_second", Kind::number, 2, 0.001, 10000, "", "requests"},
};

constexpr std::array<ScenarioWorkload, 5> table{{
    {"client_load", ScenarioWorkload::Where::nowhere, false, false, 600, load_parameters, &client_load,
     &stop_load, "A user reads lists of the manager's REST API all the time."},
    {"create_filesystem", ScenarioWorkload::Where::nowhere, false, false, 0, filesystem_parameters,
     &create_filesystem, nullptr,
     "A user creates a filesystem over unused volumes, as soon as every server is set up."},
    {"full_disk",
     ScenarioWorkload::Where::nowhere,
     false,
     true,
     60,
     {},
     &full_disk,
     &free_disk,
     "The manager's disk is full: it ends at the first change that it cannot keep, and starts again when "
     "there "
     "is space."},
    {"register_all",
     ScenarioWorkload::Where::nowhere,
     false,
     false,
     0,
     {},
     &register_all,
     nullptr,
     "Every node that is not registered registers. Without this step, nodes register when the run begins."},
    {"restart_manager",
     ScenarioWorkload::Where::nowhere,
     false,
     true,
     10,
     {},
     &kill_manager,
     &start_manager,
     "The manager's process is killed and started again after `lasts`."},
}};

}  // namespace

std::span<const ScenarioWorkload> manager_workloads() {
    return table;
}

}  // namespace csim
