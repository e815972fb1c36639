// What is fed with hostile input: the same functions for libFuzzer and for the short run among the ordinary
// tests.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csim::test {

/// An invariant that an input broke.
struct FuzzFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct FuzzTarget {
    const char* name;
    /// Throws FuzzFailure; must end by itself for any input.
    void (*run)(std::string_view input);
    std::vector<std::string> seeds;  ///< inputs that mean something
};

/// Requests and replies as bytes, messages of agents, answers of controllers and power strips.
std::vector<FuzzTarget> wire_targets();
/// Requests to the REST API and reports to the handlers of agents' data, over a manager that knows a whole
/// cluster.
std::vector<FuzzTarget> manager_targets();

/// TLS records, replies, requests and frames as the connections of a load test read them.
std::vector<FuzzTarget> connection_targets();

}  // namespace csim::test
