// What the lean server answers: a table of paths. Pure.
#pragma once

#include "connections/engine/span_histogram.hpp"
#include "connections/http/h1_request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim::connections {

/// What is to be done with a request.
struct Answer {
    enum class Then : std::uint8_t {
        reply,
        wait_for_topic,  ///< `topic`: answered when somebody publishes
        publish,         ///< wakes all that wait for `topic`, then replies
        tell_stats,
        close,    ///< ends the connection politely
        reset,    ///< ends it rudely
        go_away,  ///< HTTP/2: replies, and announces the end; HTTP/1.1: as close
        stall,    ///< the whole worker does nothing for `delay`, then replies
    };
    Then then = Then::reply;
    int status = 200;
    std::string body;
    Nanos delay = 0;  ///< before it is sent
    std::string topic;
};

Answer answer_to(Request request);

/// Path patterns and what they do, for people.
struct RouteHelp {
    const char* path;
    const char* what;
};
const std::vector<RouteHelp>& route_help();

}  // namespace csim::connections
