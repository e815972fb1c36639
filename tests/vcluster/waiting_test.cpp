// Nothing waits for a fixed time: what is waited for is looked for, and noticed soon after it is there.
#include "tests/support/source_files.hpp"
#include "tests/vcluster/fixture.hpp"

#include <regex>

TEST_SUITE_BEGIN("vcluster/waiting");

using namespace csim;

// Proves: vcluster C31.
TEST_CASE("C31: what is waited for is noticed at most 50 ms after it has happened") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(duo_spec);
    Nodes& nodes = cluster.nodes();
    Duration worst{};
    for (const Duration due : {0ms, 1ms, 5ms, 40ms, 333ms, 5000ms}) {
        const SimTime at = nodes.timeline().now() + due;
        REQUIRE(nodes.until(60s, [&] { return nodes.timeline().now() >= at; }));
        worst = std::max(worst, nodes.timeline().now() - at);
    }
    CHECK(worst <= 50ms);
    CHECK(!nodes.until(100ms, [] { return false; }));
}

// Proves: vcluster C31.
TEST_CASE("C31: no source of virtual clusters sleeps") {
    const std::regex sleeps(R"(\b(u|nano|clock_nano)?sleep(_for|_until)?\s*\(|time\.sleep)");
    for (const SourceFile& file : source_files({".hpp", ".cpp", ".py"})) {
        const bool ours = file.path.starts_with("vcluster/") || file.path.starts_with("clients/") ||
                          file.path.find("/vcluster_") != std::string::npos;
        // The programs of simulated nodes have one of that name, which takes simulated time.
        if (!ours || file.path == "vcluster/model/process_programs.cpp") continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i)
            if (std::regex_search(file.lines[i], sleeps))
                FAIL_CHECK(file.path << ":" << i + 1 << ": " << file.lines[i]);
    }
}

TEST_SUITE_END();
