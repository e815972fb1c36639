#include "benchmark/routines/filesystem.hpp"

namespace csim {
namespace {

constexpr int volumes_per_server = 4;

/// The manager's volumes by label, which is the serial of the LUN. They appear when servers have reported.
std::map<std::string, std::int64_t> find_volumes(Bench& bench, const std::vector<std::string>& serials) {
    std::map<std::string, std::int64_t> ids;
    const auto all_known = [&] {
        ids.clear();
        const Json list = bench.get("api/volume/?limit=0");
        for (const Json& each : list.value("objects", Json::array()))
            ids[each.value("label", "")] = each.value("id", std::int64_t(0));
        for (const std::string& serial : serials)
            if (!ids.contains(serial)) return false;
        return true;
    };
    if (!bench.until(all_known, bench.options().settle))
        throw StepFailed("the manager does not show every volume that its servers see");
    return ids;
}

Json target(std::int64_t volume) {
    return {{"volume_id", volume}, {"conf_params", Json::object()}};
}

Json filesystem_body(
    const std::vector<std::string>& serials, const std::map<std::string, std::int64_t>& ids
) {
    Json osts = Json::array();
    for (std::size_t i = 2; i < serials.size(); ++i) osts.push_back(target(ids.at(serials[i])));
    return {
        {"name", "testfs"},
        {"mgt", {{"volume_id", ids.at(serials[0])}}},
        {"mdts", Json::array({target(ids.at(serials[1]))})},
        {"osts", std::move(osts)},
        {"conf_params", Json::object()}};
}

void create(Bench& bench, const std::vector<std::string>& serials, Step& step) {
    const auto ids = find_volumes(bench, serials);
    const double began = steady_seconds();
    const RestReply reply = bench.send("POST", "api/filesystem/", filesystem_body(serials, ids));
    step.details["post_seconds"] = steady_seconds() - began;
    step.details["osts"] = static_cast<double>(serials.size()) - 2;
    if (reply.status != 202)
        throw StepFailed(
            "making the filesystem was answered with status " + std::to_string(reply.status) + ": " +
            reply.text.substr(0, 300)
        );
    bench.wait_for_commands({reply.json().at("command").at("resource_uri").get<std::string>()});
    step.details["filesystem_seconds"] = steady_seconds() - began;
}

}  // namespace

void make_filesystem(Bench& bench, int servers, bool side_by_side, Step& step) {
    const double began = steady_seconds();
    const std::vector<std::string> serials =
        bench.grow_with_controllers(servers, side_by_side, volumes_per_server);
    step.details["setup_seconds"] = steady_seconds() - began;
    create(bench, serials, step);
}

}  // namespace csim
