// From a request to the resource's method, with the checks that all share.
#include "core/json_codec.hpp"
#include "manager/rest/list_making.hpp"
#include "manager/rest/rest_request.hpp"

#include <algorithm>
#include <exception>

namespace csim {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

bool contains(const std::vector<std::string>& methods, const std::string& method) {
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

/// Methods whose body says what is wanted; that of a DELETE, if any, is of no interest.
bool writes(const std::string& method) {
    return method == "post" || method == "put" || method == "patch";
}

/// What a bug in a handler looks like from outside; nobody else is to suffer from it.
ApiReply bug_reply(const std::exception& bug) {
    return reply_with(
        500,
        Json{{"error_message", "The manager could not answer: " + std::string(bug.what())}, {"traceback", ""}}
    );
}

}  // namespace

RestApi::RestApi(Model& model, JobEngine& engine, Accounts& accounts, RestOptions options)
    : model_(model),
      engine_(engine),
      accounts_(accounts),
      options_(options),
      polls_(model.timeline, model.changes) {}

RestApi::~RestApi() {
    for (const auto& entry : making_) model_.timeline.cancel(entry.second->next);
}

void RestApi::add(std::unique_ptr<Resource> resource) {
    std::string name = resource->name();
    resources_[name] = std::move(resource);
}

bool RestApi::owns(std::string_view target) {
    while (target.starts_with("//")) target.remove_prefix(1);
    return target == "/api" || target.starts_with("/api/") || target.starts_with("/api?");
}

Json RestApi::parse_body(const HttpRequest& request) {
    if (request.body.empty()) return Json::object();
    auto parsed = parse_json(request.body);
    if (!parsed) stop_text("error", "The body is not JSON: " + parsed.error().detail);
    return std::move(*parsed);
}

RestApi::Ticket RestApi::handle(const HttpRequest& http, Done done) {
    ++requests_;
    model_.changes.settle();
    auto request = std::make_shared<Request>(Request{
        lower(http.method),
        accounts_.identify(http.headers),
        {model_, engine_, resources_, {}, {}},
        {},
        false,
        {},
        nullptr,
        0});
    if (request->identity.user != nullptr) request->user_id = request->identity.user->id;
    request->context.target = parse_target(http.target);
    request->context.caller.user = request->identity.user;
    const std::string* override_method = find_field(http.headers, "X-HTTP-Method-Override");
    if (request->method == "post" && override_method != nullptr && lower(*override_method) == "patch") {
        request->method = "patch";
    }
    ApiReply reply;
    try {
        if (!reads(request->method)) request->context.body = parse_body(http);
        if (writes(request->method) && !request->context.body.is_object())
            stop_text("error", "The body must be a JSON object");
        if (request->method == "get") {
            auto& query = request->context.target.query;
            const std::string* seen = request->context.target.find("last_modified");
            request->last_modified_in_query = seen != nullptr;
            if (seen == nullptr) seen = find_field(http.headers, "If-None-Match");
            if (seen != nullptr) request->last_modified = *seen;
            std::erase_if(query, [](const auto& entry) { return entry.first == "last_modified"; });
            if (!request->last_modified.empty()) {
                if (auto ticket = wait_for_change(request, done)) return *ticket;
            }
        }
        reply = answer(*request);
    } catch (const RestStop& stopped) {
        reply = stopped.reply;
    } catch (const std::exception& bug) {
        reply = bug_reply(bug);
    }
    if (reads(request->method)) return finish(std::move(request), std::move(reply), std::move(done));
    // What the reply acknowledges must survive whatever happens after it has left.
    auto shared = std::make_shared<Done>(std::move(done));
    model_.documents.when_durable([shared, text = to_http(reply)]() mutable { (*shared)(std::move(text)); });
    return 0;
}

void RestApi::abandon(Ticket ticket) {
    if (ticket % 2 == 0) return polls_.drop(ticket / 2);
    auto at = making_.find(ticket);
    if (at == making_.end()) return;
    model_.timeline.cancel(at->second->next);
    making_.erase(at);
}

ApiReply RestApi::answer_or_refuse(Request& request) {
    try {
        return answer(request);
    } catch (const RestStop& stopped) {
        return stopped.reply;
    } catch (const std::exception& bug) {
        return bug_reply(bug);
    }
}

std::optional<RestApi::Ticket> RestApi::wait_for_change(std::shared_ptr<Request> request, Done& done) {
    const auto& segments = request->context.target.segments;
    auto at = segments.size() < 2 ? resources_.end() : resources_.find(segments[1]);
    if (at == resources_.end() || at->second->watches().empty()) return std::nullopt;
    Resource& resource = *at->second;
    check_access(*request, resource);
    const std::int64_t seen = LongPolls::seen_in(request->last_modified);
    auto made = std::make_shared<Ticket>(0);
    const auto parked = polls_.wait(
        resource.watches(), seen,
        [this, request, made, &resource, done = std::move(done)](bool changed) mutable {
            if (!changed) return done(to_http(bare_reply(304)));
            find_caller(*request);
            ApiReply reply = changed_reply(*request, resource);
            *made = finish(std::move(request), std::move(reply), std::move(done));
        }
    );
    return parked != 0 ? parked * 2 : *made;
}

/// The stamps are those from before the first object is made: what changes while a long list is being made
/// is news for the next question.
ApiReply RestApi::changed_reply(Request& request, const Resource& resource) {
    ApiReply reply = answer_or_refuse(request);
    if (reply.status != 200) return reply;
    const std::string stamps = polls_.stamps(resource.watches());
    reply.headers.emplace_back("ETag", stamps);
    if (!request.last_modified_in_query) return reply;
    if (request.long_list) {
        request.long_list->meta["last_modified"] = stamps;
    } else if (reply.body && reply.body->is_object() && reply.body->contains("meta")) {
        (*reply.body)["meta"]["last_modified"] = stamps;
    }
    return reply;
}

ApiReply RestApi::catalogue() const {
    Json catalogue = Json::object();
    for (const auto& entry : resources_) {
        const std::string list = "/api/" + entry.first + "/";
        catalogue[entry.first] = {{"list_endpoint", list}, {"schema", list + "schema/"}};
    }
    catalogue["session"] = {{"list_endpoint", "/api/session/"}, {"schema", "/api/session/schema/"}};
    return reply_with(200, std::move(catalogue));
}

ApiReply RestApi::answer(Request& request) {
    const auto& segments = request.context.target.segments;
    if (segments.empty() || segments[0] != "api") return bare_reply(404);
    if (segments.size() == 1) {
        if (!reads(request.method)) return not_allowed({"get"});
        return catalogue();
    }
    if (segments[1] == "session") return session(request);
    auto at = resources_.find(segments[1]);
    if (at == resources_.end()) return bare_reply(404);
    return dispatch(request, *at->second);
}

void RestApi::check_access(const Request& request, const Resource& resource) const {
    const bool anonymous = request.identity.user == nullptr;
    if (reads(request.method)) {
        const bool open = options_.allow_anonymous_read || resource.name() == "system_status";
        if (anonymous && !open) stop(401);
        return;
    }
    if (request.method == "post" && !request.identity.by_api_key && !request.identity.csrf_ok) stop(401);
    if (anonymous) stop(401);
}

ApiReply RestApi::dispatch(Request& request, Resource& resource) {
    const auto& segments = request.context.target.segments;
    check_access(request, resource);
    RestContext& context = request.context;
    if (segments.size() == 2) return call_list(request, resource);
    if (reads(request.method) && !resource.may_read(context)) stop(401);
    if (segments.size() == 3 && segments[2] == "schema" && reads(request.method))
        return reply_with(200, resource.schema());
    const std::vector<std::string> path(segments.begin() + 2, segments.end());
    if (auto reply = resource.special(context, request.method, path)) return *reply;
    if (segments.size() > 3) return bare_reply(404);
    return call_detail(request, resource, segments[2]);
}

ApiReply RestApi::call_list(Request& request, Resource& resource) {
    if (!contains(resource.list_methods(), request.method)) return not_allowed(resource.list_methods());
    RestContext& context = request.context;
    if (reads(request.method)) return show_list(request, resource);
    if (!resource.may_write(context, request.method)) stop(401);
    if (request.method == "post") return resource.post_list(context);
    if (request.method == "put") return resource.put_list(context);
    if (request.method == "patch") return resource.patch_list(context);
    return resource.delete_list(context);
}

ApiReply RestApi::call_detail(Request& request, Resource& resource, const std::string& text) {
    if (!contains(resource.detail_methods(), request.method)) return not_allowed(resource.detail_methods());
    RestContext& context = request.context;
    const Key key = resource.parse_key(text);
    if (reads(request.method)) return resource.get_detail(context, key);
    if (!resource.may_write(context, request.method)) stop(401);
    if (!resource.has(context, key)) stop(404);
    if (request.method == "post") return resource.post_detail(context, key);
    if (request.method == "put") return resource.put_detail(context, key);
    if (request.method == "patch") return resource.patch_detail(context, key);
    return resource.delete_detail(context, key);
}

}  // namespace csim
