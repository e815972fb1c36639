#include "sim/vtime/snapshot.hpp"

#include "core/duration_text.hpp"
#include "core/json_codec.hpp"

#include <fstream>
#include <sstream>

namespace csim {
namespace {

constexpr std::int64_t format = 1;
constexpr const char* kind = "cluster-sim snapshot";

Json documents_of(const StateStore& store) {
    Json all = Json::object();
    for (const std::string& name : store.documents("")) {
        if (auto value = store.load({name, ""})) all[name] = std::move(*value);
    }
    return all;
}

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
    throw Fatal(file.string() + " is a damaged snapshot: " + why);
}

Json parsed_file(const std::filesystem::path& file) {
    std::error_code none;
    std::ifstream in(file, std::ios::binary);
    if (std::filesystem::is_directory(file, none) || !in)
        throw Fatal("there is no snapshot " + file.string() + ", or it cannot be read");
    std::ostringstream text;
    text << in.rdbuf();
    auto json = parse_json(text.str(), 200);
    if (!json || !json->is_object() || json->value("kind", Json()) != kind)
        throw Fatal(file.string() + " is no snapshot of a simulation");
    return std::move(*json);
}

void check_version(const std::filesystem::path& file, const Json& json) {
    const Json given = json.value("format", Json());
    const Json version = json.value("version", Json());
    if (given == format && version == CSIM_VERSION) return;
    throw Fatal(
        file.string() + " was written by version " +
        (version.is_string() ? version.get<std::string>() : "?") + " (format " + given.dump() +
        "); this is version " CSIM_VERSION " (format " + std::to_string(format) +
        "), which would come to another state; use that version, or make the snapshot again"
    );
}

}  // namespace

Snapshot take_snapshot(Simulation& simulation, const SimulationOptions& options) {
    Snapshot made;
    made.scenario = options.scenario;
    made.seed = options.seed;
    made.failure_detection = options.failure_detection;
    made.at = simulation.cluster().timeline().now() - virtual_start();
    made.digest = simulation.cluster().digest();
    made.world = documents_of(simulation.cluster().world_disk());
    made.manager = documents_of(simulation.cluster().manager_disk());
    return made;
}

void write_snapshot(const std::filesystem::path& file, const Snapshot& snapshot) {
    const Json json{
        {"kind", kind},
        {"format", format},
        {"version", CSIM_VERSION},
        {"seed", snapshot.seed},
        {"failure_detection", duration_text(snapshot.failure_detection)},
        {"at", duration_text(snapshot.at)},
        {"digest", digest_text(snapshot.digest)},
        {"scenario", scenario_json(snapshot.scenario)},
        {"world", snapshot.world},
        {"manager", snapshot.manager}};
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << json.dump(1) << "\n";
    out.close();
    if (!out) throw Fatal("the snapshot cannot be written to " + file.string());
}

Snapshot read_snapshot(const std::filesystem::path& file) {
    const Json json = parsed_file(file);
    check_version(file, json);
    const auto text = [&](const char* key) {
        const auto found = json.find(key);
        if (found == json.end() || !found->is_string()) damaged(file, std::string(key) + " is missing");
        return found->get<std::string>();
    };
    const auto span = [&](const char* key) {
        const auto parsed = parse_duration(text(key));
        if (!parsed) damaged(file, std::string(key) + ": " + parsed.error().detail);
        return *parsed;
    };
    Snapshot made;
    if (!json.contains("seed") || !json["seed"].is_number_unsigned()) damaged(file, "seed is missing");
    made.seed = json["seed"].get<std::uint64_t>();
    made.failure_detection = span("failure_detection");
    made.at = span("at");
    made.digest = std::strtoull(text("digest").c_str(), nullptr, 16);
    auto scenario = parse_scenario(json.value("scenario", Json()));
    if (!scenario) damaged(file, "scenario " + scenario.error().detail);
    made.scenario = std::move(*scenario);
    made.world = json.value("world", Json());
    made.manager = json.value("manager", Json());
    if (!made.world.is_object() || !made.manager.is_object()) damaged(file, "the state is missing");
    return made;
}

std::unique_ptr<Simulation> rebuild(const Snapshot& snapshot, const Simulation::Progress& progress) {
    SimulationOptions options;
    options.scenario = snapshot.scenario;
    options.seed = snapshot.seed;
    options.failure_detection = snapshot.failure_detection;
    auto simulation = std::make_unique<Simulation>(options);
    (void)simulation->advance(virtual_start() + snapshot.at, progress);
    const std::uint64_t digest = simulation->cluster().digest();
    if (digest != snapshot.digest) {
        throw Fatal(
            "this program comes to digest " + digest_text(digest) + " where the snapshot has " +
            digest_text(snapshot.digest) + ": the code has changed since, or its state is not what it was"
        );
    }
    return simulation;
}

}  // namespace csim
