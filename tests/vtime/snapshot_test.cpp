// Moments to come back to.
#include "sim/vtime/snapshot.hpp"

#include "core/json_codec.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace csim;

TEST_SUITE_BEGIN("snapshot");

namespace {

SimulationOptions run_options() {
    SimulationOptions options;
    options.seed = 9;
    options.scenario = *parse_scenario(Json::parse(R"({"servers": 2, "workers": 0, "for": "10m", "steps": [
        {"do": "kill_agent", "at": "2m", "every": "70s", "lasts": "10s"}]})"));
    return options;
}

std::string refusal(const std::filesystem::path& file) {
    try {
        (void)read_snapshot(file);
    } catch (const Fatal& fault) {
        return fault.what();
    }
    return "";
}

}  // namespace

TEST_CASE(
    "a run that goes on from a snapshot is the run that never stopped; a fork is another, always the same"
) {
    TempFolder folder;
    const auto file = folder / "moment.json";
    const SimulationOptions options = run_options();
    Simulation whole(options);
    const std::uint64_t digest = whole.run().digest;

    Simulation half(options);
    REQUIRE(half.advance(virtual_start() + 5min));
    write_snapshot(file, take_snapshot(half, options));
    CHECK(half.run().digest == digest);

    const Snapshot snapshot = read_snapshot(file);
    CHECK(rebuild(snapshot)->run().digest == digest);

    const auto forked = [&](std::uint64_t seed) {
        auto simulation = rebuild(snapshot);
        simulation->divert(options.scenario, seed);
        return simulation->run().digest;
    };
    const std::uint64_t once = forked(11);
    CHECK(once != digest);
    CHECK(once == forked(11));
    CHECK(once != forked(12));
}

TEST_CASE("what is no snapshot, or one of another version, is refused in one sentence that names the file") {
    TempFolder folder;
    const auto file = folder / "moment.json";
    CHECK(refusal(file).find("there is no snapshot") != std::string::npos);
    for (const char* text : {"", "[]", "{}", "{\"kind\":\"something\"}", "nonsense"}) {
        std::ofstream(file) << text;
        CHECK_MESSAGE(refusal(file).find("is no snapshot") != std::string::npos, text);
    }
    const SimulationOptions options = run_options();
    Simulation simulation(options);
    REQUIRE(simulation.advance(virtual_start() + 1min));
    const Snapshot good = take_snapshot(simulation, options);
    write_snapshot(file, good);
    std::ifstream in(file);
    const Json json = Json::parse(in);
    for (const auto& [key, value] : {std::pair<std::string, Json>{"version", "0.0.1"}, {"format", 99}}) {
        Json changed = json;
        changed[key] = value;
        std::ofstream(file) << changed;
        const std::string why = refusal(file);
        CHECK(why.starts_with(file.string() + " was written by version"));
    }
    for (const char* key : {"seed", "at", "digest", "scenario", "world", "manager", "failure_detection"}) {
        Json changed = json;
        changed.erase(key);
        std::ofstream(file) << changed;
        CHECK_MESSAGE(refusal(file).find("damaged") != std::string::npos, key);
    }
    Snapshot other = good;
    other.digest ^= 1;
    CHECK_THROWS_AS((void)rebuild(other), Fatal);
}

TEST_CASE("a snapshot comes to life in two folders with real certificates, and never over what is there") {
    TempFolder folder;
    const SimulationOptions options = run_options();
    Simulation simulation(options);
    REQUIRE(simulation.advance(virtual_start() + 3min));
    const Snapshot snapshot = take_snapshot(simulation, options);
    revive(snapshot, folder / "world", folder / "manager");
    const auto world = read_directory(folder / "world");
    const auto certificate = world->load({"test000.localdomain_crypto/self.crt", ""});
    const auto key = world->load({"test000.localdomain_crypto/private.pem", ""});
    REQUIRE(certificate.has_value());
    REQUIRE(key.has_value());
    CHECK(check_certificate(certificate->get<std::string>(), key->get<std::string>()).has_value());
    const auto facts = read_certificate(certificate->get<std::string>());
    REQUIRE(facts.has_value());
    const auto manager = read_directory(folder / "manager");
    bool known = false;
    for (const auto& name : manager->documents("")) {
        const auto value = manager->load({name, ""});
        known |=
            name == "certificates.json" && value && value->dump().find(facts->serial) != std::string::npos;
    }
    CHECK(known);
    CHECK_THROWS_AS(revive(snapshot, folder / "world", folder / "other"), Fatal);
}

TEST_SUITE_END();
