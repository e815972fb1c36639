// The arrows between folders, as a table that reads like the diagram in the design. An include that is not in
// it fails.
#include "tests/support/source_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

TEST_SUITE_BEGIN("layering");

using namespace csim;

namespace {

/// A folder, or one header, that may be included.
using Allowed = std::vector<std::string>;

const std::map<std::string, Allowed> layers{
    {"core", {}},
    {"state", {"core/"}},
    {"wire", {"core/"}},
    {"agent_proto", {"wire/", "core/"}},
    {"tls13", {}},
    {"net", {"agent_proto/transport.hpp", "tls13/", "wire/", "core/"}},
    {"connections", {"net/", "tls13/", "core/"}},
    {"runtime", {"net/", "core/"}},
    {"vcluster", {"runtime/", "net/", "core/"}},
    {"fakes", {"wire/", "state/", "core/"}},
    {"manager",
     {"agent_proto/transport.hpp", "agent_proto/certificate", "agent_proto/identity", "net/", "wire/",
      "state/", "core/"}},
    {"sim", {"manager/", "fakes/", "net/", "agent_proto/", "wire/", "state/", "core/"}},
    {"benchmark",
     {"sim/", "manager/", "fakes/", "runtime/", "connections/", "net/", "agent_proto/", "wire/", "state/",
      "core/"}},
    {"apps",
     {"benchmark/", "sim/", "manager/", "fakes/", "vcluster/", "runtime/", "connections/", "net/",
      "agent_proto/", "wire/", "state/", "core/"}},
};

/// Exceptions to the table: these may not include that, although the folder is theirs to use.
const std::map<std::string, Allowed> forbidden{
    {"fakes", {"core/event_loop.hpp"}},
};

bool starts_with_any(const std::string& include, const Allowed& places) {
    return std::any_of(places.begin(), places.end(), [&](const auto& place) {
        return include.starts_with(place);
    });
}

}  // namespace

TEST_CASE("folders include only what stands below them") {
    const std::regex ours(R"re(^\s*#include "([^"]+)")re");
    for (const SourceFile& file : source_files({".hpp", ".cpp"})) {
        const auto layer = layers.find(file.folder);
        if (layer == layers.end()) continue;
        for (const std::string& line : file.lines) {
            std::smatch found;
            if (!std::regex_search(line, found, ours)) continue;
            const std::string include = found[1];
            const auto banned = forbidden.find(file.folder);
            const bool own = include.starts_with(file.folder + "/");
            if ((!own && !starts_with_any(include, layer->second)) ||
                (banned != forbidden.end() && starts_with_any(include, banned->second)))
                FAIL_CHECK(file.path << ": may not include " << include);
        }
    }
}

TEST_CASE("every folder with sources is in the table of layers") {
    for (const SourceFile& file : source_files({".hpp", ".cpp"})) {
        if (file.folder == "tests") continue;
        if (!layers.contains(file.folder))
            FAIL_CHECK(file.path << ": add the folder to the table, with its arrows");
    }
}

TEST_CASE("only the edge of the network knows Beast and TLS") {
    const std::regex heavy(R"(#include <(boost/beast|boost/asio/ssl|openssl/ssl\.h))");
    for (const SourceFile& file : source_files({".hpp", ".cpp"})) {
        static const std::set<std::string> edge{"net", "tls13", "connections", "tests", "benchmark"};
        if (edge.contains(file.folder)) continue;
        for (const std::string& line : file.lines)
            if (std::regex_search(line, heavy)) FAIL_CHECK(file.path << ": belongs in net/: " << line);
    }
}

TEST_SUITE_END();
