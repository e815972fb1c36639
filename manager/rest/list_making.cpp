// Lists of thousands of objects are made in parts, so that everybody else is answered in between.
#include "manager/rest/list_making.hpp"

#include <algorithm>

namespace csim {

namespace {

/// Objects of one part: a few milliseconds at most.
constexpr std::size_t part_max = 24;

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ApiReply RestApi::show_list(Request& request, Resource& resource) {
    if (auto reply = resource.whole(request.context)) return *reply;
    ListPlan plan = resource.plan_list(request.context);
    if (plan.shown.size() <= 2 * part_max) return resource.list_reply(request.context, std::move(plan));
    request.long_list = std::move(plan);
    request.listed = &resource;
    return reply_with(200, nullptr);
}

RestApi::Ticket RestApi::finish(std::shared_ptr<Request> request, ApiReply reply, Done done) {
    if (!request->long_list || reply.status != 200) {
        done(to_http(reply));
        return 0;
    }
    auto making = std::make_unique<Making>(Making{std::move(request), to_http(reply), std::move(done)});
    making->reply.body = "{\"meta\":" + text_of(making->request->long_list->meta) + ",\"objects\":[";
    // Odd, so that it is never that of a long poll.
    const Ticket ticket = 2 * ++last_making_ - 1;
    making->next = model_.timeline.after(Duration{}, [this, ticket] { make_more(ticket); });
    making_.emplace(ticket, std::move(making));
    return ticket;
}

void RestApi::make_more(Ticket ticket) {
    auto at = making_.find(ticket);
    Making& making = *at->second;
    if (!make_part(making)) {
        making.next = model_.timeline.after(Duration{}, [this, ticket] { make_more(ticket); });
        return;
    }
    Done done = std::move(making.done);
    HttpReply reply = std::move(making.reply);
    making_.erase(at);
    done(std::move(reply));
}

/// Adds the next objects; those that went away since the list was begun are left out. True when it is done.
bool RestApi::make_part(Making& making) {
    Request& request = *making.request;
    find_caller(request);
    const Keys& keys = request.long_list->shown;
    const std::size_t end = std::min(keys.size(), making.made + part_max);
    for (; making.made < end; ++making.made) {
        const Key key = keys[making.made];
        if (!request.listed->has(request.context, key)) continue;
        if (making.reply.body.back() != '[') making.reply.body += ',';
        making.reply.body += text_of(request.listed->to_json(request.context, key));
    }
    if (end < keys.size()) return false;
    making.reply.body += "]}";
    return true;
}

/// Who asked may be gone by now.
void RestApi::find_caller(Request& request) {
    if (request.identity.user == nullptr) return;
    request.identity.user = model_.users.find(request.user_id);
    request.context.caller.user = request.identity.user;
}

}  // namespace csim
