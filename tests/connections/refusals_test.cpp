// Command lines that make no sense: one sentence, status 2, nothing begun.
#include "tests/programs/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("connections/refusals");

using namespace csim;

namespace {

const std::string program = std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark";

}  // namespace

// Proves: connection C-29.
TEST_CASE("command lines that make no sense are refused with one sentence") {
    const std::string ok = "https://127.0.0.1:1/";
    struct Case {
        std::vector<std::string> words;
        const char* says;
    };
    const Case cases[] = {
        {{"connections"}, "name a target"},
        {{"connections", "http://127.0.0.1/"}, "https://"},
        {{"connections", "https://127.0.0.1:0/"}, "port"},
        {{"connections", "https://127.0.0.1:9-8/"}, "range"},
        {{"connections", ok, "--connections", "0"}, "between 1 and"},
        {{"connections", ok, "--connections", "-5"}, "between 1 and"},
        {{"connections", ok, "--connections", "many"}, "not a number"},
        {{"connections", ok, "--connections", "99M"}, "between 1 and"},
        {{"connections", ok, "--ramp", "0"}, "--ramp"},
        {{"connections", ok, "--ramp", "soon"}, "--ramp"},
        {{"connections", ok, "--schedule", "constant:0s"}, "1ms"},
        {{"connections", ok, "--schedule", "often"}, "constant:PERIOD"},
        {{"connections", ok, "--schedule", "rate:-1"}, "rate"},
        {{"connections", ok, "--backoff", "9s..1s"}, "MAX is shorter"},
        {{"connections", ok, "--backoff", "1s,jitter=some"}, "jitter"},
        {{"connections", ok, "--reconnect", "1.5"}, "--reconnect"},
        {{"connections", ok, "--source", "300.1.1.1"}, "--source"},
        {{"connections", ok, "--source", "127.0.0.9-127.0.0.1"}, "range"},
        {{"connections", ok, "--request", "get"}, "method"},
        {{"connections", ok, "--request", "GET:nowhere"}, "begin with /"},
        {{"connections", ok, "--header", "Host: x"}, "set by this program"},
        {{"connections", ok, "--header", "nonsense"}, "Name: value"},
        {{"connections", ok, "--client_cert", "one"}, "CERT,KEY"},
        {{"connections", ok, "--client_cert", "/none.pem,/none.key"}, "/none.pem"},
        {{"connections", ok, "--ca", "/none.pem"}, "/none.pem"},
        {{"connections", ok, "--tls_min", "1.3", "--tls_max", "1.2"}, "above"},
        {{"connections", "https://192.0.2.1/"}, "i_may_load_this_target"},
        {{"sink", "--listen", "here"}, "HOST:PORT"},
        {{"sink", "--fault", "nonsense"}, "there are"},
        {{"sink", "--cert", "a.pem"}, "--key"},
        {{"sink", "--client_auth", "require"}, "--client_ca"},
    };
    for (const Case& each : cases) {
        std::vector<std::string> words{program};
        words.insert(words.end(), each.words.begin(), each.words.end());
        std::string typed;
        for (const std::string& word : each.words) typed += word + " ";
        CAPTURE(typed);
        const Ended ended = run_program({words});
        CHECK(ended.status == 2);
        CHECK_MESSAGE(ended.err.find(each.says) != std::string::npos, ended.err);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') <= 2);
    }
}

TEST_SUITE_END();
