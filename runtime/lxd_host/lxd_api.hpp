// Requests to the LXD API and its answers: envelopes, errors with the words that clients print, the table of
// routes. Source: spec/containers.md §3.2 to §3.4.
#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "net/api_server.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// Why a request is refused. Thrown by handlers, answered by the router.
struct LxdRefusal {
    unsigned code = 400;
    std::string text;
};

/// One request on its way through the handlers.
struct LxdCall {
    HttpRequest request;
    ApiPeer peer;
    bool trusted = false;
    std::vector<std::string> path;  ///< segments, decoded: {"1.0", "instances", "c1"}
    std::map<std::string, std::string> query;
    ApiResponder responder;

    /// The value of a query key, empty if it is not there.
    std::string asked(const std::string& key) const;
    int recursion() const;
    /// The body as JSON; an empty one is an empty object. Refuses with the daemon's words.
    Json json() const;
    /// Refuses with 412 unless there is no If-Match or it is this ETag.
    void check_match(const std::string& etag) const;
};

/// Absent: the handler keeps the responder and answers later.
using LxdReply = std::optional<HttpReply>;
using LxdHandler = std::function<LxdReply(LxdCall&)>;

HttpReply sync_reply(const Json& metadata, const std::string& etag = {});
/// The same around metadata that is JSON text already.
HttpReply sync_text_reply(std::string metadata);
HttpReply created_reply(const std::string& location);
HttpReply refusal_reply(unsigned code, const std::string& text);
HttpReply operation_reply(const std::string& id, const Json& operation);
/// A file's content, as the daemon sends it.
HttpReply content_reply(const std::string& name, std::string content);

/// SHA-256 over the fields that a client may change.
std::string etag_of(const Json& mutable_fields);
/// `2026-11-21T03:25:10.580269659Z`.
std::string lxd_time(SimTime at);
/// Appends `text` as a JSON string, with its quotes.
void append_json(std::string& into, std::string_view text);

// Typed access to a body: the default when the key is missing or null, a refusal that names the field when
// it has another type.
std::string text_in(const Json& body, const char* key, const std::string& otherwise = {});
bool flag_in(const Json& body, const char* key, bool otherwise = false);
std::int64_t number_in(const Json& body, const char* key, std::int64_t otherwise = 0);
std::map<std::string, std::string> texts_in(const Json& body, const char* key);

/// Percent-decoding; a wrong escape stays as it is.
std::string url_decoded(std::string_view text, bool plus_is_space);
std::map<std::string, std::string> url_query(std::string_view text);

class LxdRoutes {
  public:
    /// `pattern` is a path; `*` stands for any one segment. `open`: strangers may ask, too.
    void add(std::string method, const std::string& pattern, LxdHandler handler, bool open = false);
    /// Under both `/1.0/instances` and `/1.0/containers`; `pattern` is what follows.
    void add_instances(const std::string& method, const std::string& pattern, const LxdHandler& handler);
    /// Splits the target and runs the handler: 404 for an unknown path, 501 for a method that it has not, 403
    /// for strangers.
    LxdReply run(LxdCall& call) const;

  private:
    struct Route {
        std::string method;
        std::vector<std::string> pattern;
        LxdHandler handler;
        bool open = false;
    };
    std::vector<Route> routes_;
};

}  // namespace csim
