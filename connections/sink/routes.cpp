#include "connections/sink/routes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace csim::connections {
namespace {

constexpr std::uint64_t bytes_max = 16 * 1024 * 1024;
constexpr std::uint64_t delay_ms_max = 24ull * 3600 * 1000;

/// The number that is all of `text`, up to `highest`.
std::optional<std::uint64_t> number(std::string_view text, std::uint64_t highest) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > highest) return {};
    return value;
}

Answer plain(int status, std::string body) {
    Answer made;
    made.status = status;
    made.body = std::move(body);
    return made;
}

Answer with(Answer::Then then) {
    Answer made = plain(200, "ok\n");
    made.then = then;
    return made;
}

using Handler = Answer (*)(std::string_view rest, Request& request);

Answer not_found(std::string_view, Request&) {
    return plain(404, "there is nothing at this path\n");
}

Answer home(std::string_view rest, Request& request) {
    return rest.empty() ? plain(200, std::string(200, 'x')) : not_found(rest, request);
}

Answer echo(std::string_view, Request& request) {
    return plain(200, std::move(request.body));
}

Answer bytes(std::string_view rest, Request& request) {
    const auto size = number(rest, bytes_max);
    return size ? plain(200, std::string(*size, 'x')) : not_found(rest, request);
}

Answer delayed(std::string_view rest, Request& request) {
    const auto span = number(rest, delay_ms_max);
    if (!span) return not_found(rest, request);
    Answer made = plain(200, "ok\n");
    made.delay = static_cast<Nanos>(*span) * millisecond;
    return made;
}

Answer stall(std::string_view rest, Request& request) {
    Answer made = delayed(rest, request);
    if (made.status == 200) made.then = Answer::Then::stall;
    return made;
}

Answer wait_for_topic(std::string_view rest, Request&) {
    Answer made = with(Answer::Then::wait_for_topic);
    made.topic = rest;
    return made;
}

Answer publish(std::string_view rest, Request& request) {
    Answer made = with(Answer::Then::publish);
    made.topic = rest;
    made.body = std::move(request.body);
    return made;
}

Answer status(std::string_view rest, Request& request) {
    const auto code = number(rest, 599);
    return code && *code >= 200
               ? plain(static_cast<int>(*code), *code == 204 || *code == 304 ? "" : "status\n")
               : not_found(rest, request);
}

Answer stats(std::string_view, Request&) {
    return with(Answer::Then::tell_stats);
}
Answer close(std::string_view, Request&) {
    return with(Answer::Then::close);
}
Answer reset(std::string_view, Request&) {
    return with(Answer::Then::reset);
}
Answer go_away(std::string_view, Request&) {
    return with(Answer::Then::go_away);
}

struct Route {
    RouteHelp help;
    std::string_view begins;
    Handler handler;
};

// The first that the path begins with counts, so that longer ones stand above shorter ones.
const Route routes[] = {
    {{"/echo", "the body of the request"}, "/echo", echo},
    {{"/bytes/N", "N bytes"}, "/bytes/", bytes},
    {{"/sleep/MS", "answers after so many milliseconds"}, "/sleep/", delayed},
    {{"/poll/topic/NAME", "answers when something is published under that name to the same worker"},
     "/poll/topic/",
     wait_for_topic},
    {{"/poll/MS", "a long poll that answers after so many milliseconds"}, "/poll/", delayed},
    {{"/publish/NAME", "POST: wakes all that wait for the topic, with this body"}, "/publish/", publish},
    {{"/status/CODE", "answers with that status"}, "/status/", status},
    {{"/stats", "what this worker has counted, as JSON"}, "/stats", stats},
    {{"/close", "closes the connection"}, "/close", close},
    {{"/rst", "resets the connection"}, "/rst", reset},
    {{"/goaway", "announces the end of the connection"}, "/goaway", go_away},
    {{"/stall/MS", "the whole worker stops for so many milliseconds, then answers"}, "/stall/", stall},
    {{"/", "200 bytes"}, "/", home},
};

}  // namespace

Answer answer_to(Request request) {
    std::string_view path = request.path;
    path = path.substr(0, path.find('?'));
    for (const Route& route : routes)
        if (path.starts_with(route.begins)) return route.handler(path.substr(route.begins.size()), request);
    return not_found(path, request);
}

const std::vector<RouteHelp>& route_help() {
    static const std::vector<RouteHelp> all = [] {
        std::vector<RouteHelp> made;
        for (const Route& route : routes) made.push_back(route.help);
        return made;
    }();
    return all;
}

}  // namespace csim::connections
