// Servers come and go: tokens, registration, set-up, reset. Source: the behaviour specification, §7.3 to
// §7.6.
#include "benchmark/routines/bench.hpp"
#include "core/utc.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr const char* profile_name = "base_managed_rh7";
constexpr Duration token_lifetime = 3600s;

std::string command_uri(const Json& registered) {
    return "/api/command/" + std::to_string(registered.at("command_id").get<std::int64_t>()) + "/";
}

}  // namespace

std::string Bench::secret(int credits) {
    const Json profiles = get(std::string("api/server_profile/?name=") + profile_name);
    if (!profiles.contains("objects") || profiles["objects"].empty())
        throw StepFailed(std::string("the manager has no server profile ") + profile_name);
    const Json token = post(
        "api/registration_token/", {{"profile", profiles["objects"][0].at("resource_uri")},
                                    {"credits", credits},
                                    {"expiry", utc_text(wall_now() + token_lifetime)}}
    );
    return token.at("secret").get<std::string>();
}

void Bench::register_servers(const std::vector<std::string>& fqdns, bool side_by_side) {
    const std::string word = secret(static_cast<int>(fqdns.size()));
    std::vector<std::string> commands;
    if (side_by_side) {
        const Json answers = cluster("register_many", Json::array({fqdns, word, true}));
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (!answers[i].contains("command_id"))
                throw StepFailed(
                    "registering " + fqdns[i] + " failed: " + answers[i].value("error", "no answer")
                );
            commands.push_back(command_uri(answers[i]));
        }
    } else {
        for (const std::string& fqdn : fqdns)
            commands.push_back(command_uri(cluster("register", Json::array({fqdn, word}))));
    }
    wait_for_commands(commands);
}

void Bench::add_controller(std::int64_t id) {
    post(
        "api/storage_resource/", {{"plugin_name", "simulator_controller"},
                                  {"class_name", "Couplet"},
                                  {"attrs", {{"controller_id", id}}}}
    );
}

void Bench::grow_to(int wanted, bool side_by_side, int volumes_per_server) {
    std::vector<std::string> fresh;
    while (size() < wanted) {
        const int count = std::min(4, wanted - size());
        const FreshUnit unit = add_unit(count, count * volumes_per_server);
        fresh.insert(fresh.end(), unit.fqdns.begin(), unit.fqdns.end());
        fqdns_.insert(fqdns_.end(), unit.fqdns.begin(), unit.fqdns.end());
    }
    if (!fresh.empty()) register_servers(fresh, side_by_side);
}

std::vector<std::string> Bench::grow_with_controllers(int wanted, bool side_by_side, int volumes_per_server) {
    std::vector<std::string> serials;
    while (size() < wanted) {
        const FreshUnit unit = add_unit(4, 4 * volumes_per_server);
        fqdns_.insert(fqdns_.end(), unit.fqdns.begin(), unit.fqdns.end());
        serials.insert(serials.end(), unit.serials.begin(), unit.serials.end());
        add_controller(unit.controller_id);
    }
    register_servers(fqdns_, side_by_side);
    return serials;
}

void Bench::reset() {
    fqdns_.clear();
    cluster("network_fault", Json::array({"", "none"}));
    cluster("remove_all_servers");
    reset_manager();
}

void Bench::reset_manager() {
    for (std::int64_t before = -1;;) {
        const Json page = get("api/host/?limit=4");
        if (page.at("meta").value("total_count", std::int64_t(0)) == 0) break;
        std::vector<std::string> commands;
        for (const Json& host : page.at("objects")) {
            Json args{{"host_id", host.at("id")}};
            for (const Json& job : host.value("available_jobs", Json::array()))
                if (job.value("class_name", "") == "ForceRemoveHostJob") args = job.value("args", args);
            const Json command = post(
                "api/command/",
                {{"message", "Benchmark clearing " + host.value("fqdn", "a host")},
                 {"jobs", Json::array({{{"class_name", "ForceRemoveHostJob"}, {"args", args}}})}}
            );
            commands.push_back(command.at("resource_uri").get<std::string>());
        }
        wait_for_commands(commands);
        const std::int64_t first =
            page.at("objects").empty() ? 0 : page["objects"][0].value("id", std::int64_t(0));
        if (first == before) throw StepFailed("the manager says that it removed a host, and still shows it");
        before = first;
    }
    const Json controllers =
        get("api/storage_resource/?plugin_name=simulator_controller&class_name=Couplet&limit=0");
    for (const Json& each : controllers.value("objects", Json::array()))
        send("DELETE", each.at("resource_uri").get<std::string>().substr(1));
}

}  // namespace csim
