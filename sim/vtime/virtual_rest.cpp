#include "sim/vtime/virtual_rest.hpp"

#include "manager/rest/target.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <utility>

namespace csim {
namespace {

constexpr Duration travel = 500us;

}  // namespace

struct VirtualRest::State {
    Timeline& timeline;
    std::string user;
    std::string password;
    ManagerCore* manager = nullptr;
    HttpFields headers;  ///< of the session; empty: not logged in
    std::uint64_t last = 0;
    std::map<std::uint64_t, std::function<void(const HttpReply*)>> pending;
};

VirtualRest::VirtualRest(Timeline& timeline, std::string user, std::string password)
    : state_(std::make_shared<State>(State{timeline, std::move(user), std::move(password), nullptr, {}, 0, {}}
      )) {}

VirtualRest::~VirtualRest() {
    state_->manager = nullptr;
    state_->pending.clear();
}

void VirtualRest::attach(ManagerCore& manager) {
    state_->manager = &manager;
}

void VirtualRest::detach() {
    state_->manager = nullptr;
    state_->headers.clear();
    for (auto& [number, done] : std::exchange(state_->pending, {})) {
        state_->timeline.after(travel, [done = std::move(done)] { done(nullptr); });
    }
}

void VirtualRest::send(
    std::shared_ptr<State> state, const std::string& method, const std::string& target, const Json& body,
    std::function<void(const HttpReply*)> done
) {
    const std::uint64_t number = ++state->last;
    state->pending[number] = std::move(done);
    HttpRequest request{method, target, state->headers, body.is_null() ? std::string() : body.dump()};
    const auto finish = [weak = std::weak_ptr(state), number](const HttpReply* reply) {
        const auto alive = weak.lock();
        if (alive == nullptr) return;
        auto waiting = alive->pending.extract(number);
        if (!waiting.empty()) waiting.mapped()(reply);
    };
    state->timeline.after(travel, [weak = std::weak_ptr(state), request = std::move(request), finish] {
        const auto alive = weak.lock();
        if (alive == nullptr) return;
        if (alive->manager == nullptr) return finish(nullptr);
        alive->manager->rest(request, [weak, finish](HttpReply reply) {
            const auto there = weak.lock();
            if (there == nullptr) return;
            there->timeline.after(travel, [finish, reply = std::move(reply)] { finish(&reply); });
        });
    });
}

void VirtualRest::log_in(std::shared_ptr<State> state, std::function<void(bool)> then) {
    send(state, "GET", "/api/session/", Json(), [state, then](const HttpReply* visit) {
        std::vector<std::string> set;
        for (const auto& [name, value] : visit != nullptr ? visit->headers : HttpFields{}) {
            if (name == "Set-Cookie") set.push_back(value);
        }
        const auto csrf = cookies(set, "csrftoken"), session = cookies(set, "sessionid");
        if (csrf.empty() || session.empty()) return then(false);
        state->headers = {
            {"Cookie", "csrftoken=" + csrf.front() + "; sessionid=" + session.front()},
            {"X-CSRFToken", csrf.front()}};
        const Json body{{"username", state->user}, {"password", state->password}};
        send(state, "POST", "/api/session/", body, [state, then](const HttpReply* reply) {
            const bool good = reply != nullptr && reply->status < 300;
            if (!good) state->headers.clear();
            then(good);
        });
    });
}

void VirtualRest::request(std::string method, std::string target, const Json& body, Done done) {
    ++requests_;
    auto go = [state = state_, method = std::move(method), target = std::move(target), body,
               done = std::move(done)](bool good) {
        if (!good) return done(VirtualReply{});
        send(state, method, target, body, [done](const HttpReply* reply) {
            if (reply == nullptr) return done(VirtualReply{});
            done(VirtualReply{reply->status, Json::parse(reply->body, nullptr, false)});
        });
    };
    if (!state_->headers.empty()) return go(true);
    log_in(state_, std::move(go));
}

}  // namespace csim
