// Payload shapes against samples of the original, where they are at hand (CSIM_CAPTURES names their folder).
#include "core/json_codec.hpp"
#include "fakes/target_statistics.hpp"
#include "tests/fakes/devices_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>

using namespace csim;

namespace {

/// Paths and kinds of everything inside, lists by their first element.
void collect(const Json& json, const std::string& path, std::set<std::string>& shape) {
    shape.insert(path + " " + (json.is_number() ? "number" : json.type_name()));
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) collect(value, path + "/" + key, shape);
    } else if (json.is_array() && !json.empty()) {
        collect(json.front(), path + "/0", shape);
    }
}

std::set<std::string> shape_of(const Json& json) {
    std::set<std::string> shape;
    collect(json, "", shape);
    return shape;
}

}  // namespace

TEST_CASE_FIXTURE(DevicesFixture, "statistics have the shape of the captured ones") {
    const char* folder = std::getenv("CSIM_CAPTURES");
    if (folder == nullptr) {
        MESSAGE("skipped: CSIM_CAPTURES names no folder with samples");
        return;
    }
    make_filesystem();
    TargetStatistics numbers(*targets, *devices, run, {.profile = Workload::Profile::classic});
    const auto sample = [&](const std::string& file) {
        std::ifstream in(std::string(folder) + "/wire/03-plugin-data/" + file);
        return Json::parse(in).at("body").at("metrics").at("raw");
    };
    const auto ost = sample("lustre-server-with-ost-update.json");
    CHECK(
        shape_of(numbers.of("FAKEDEVICE002", now)->to_json()) ==
        shape_of(ost.at("lustre").at("target").at("testfs-OST0000"))
    );
    const auto node = node_metrics("a", Activity(Rng(1)), now, now + 1h);
    CHECK(shape_of(to_json_value(node)) == shape_of(ost.at("node")));
    auto mdt =
        sample("lustre-server-with-mgs-mdt-update.json").at("lustre").at("target").at("testfs-MDT0000");
    // Both appear only once there are clients and a coordinator.
    mdt.erase("hsm");
    mdt.erase("client_count");
    CHECK(shape_of(numbers.of("FAKEDEVICE001", now)->to_json()) == shape_of(mdt));
}
