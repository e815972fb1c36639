#include "runtime/lxd_host/lxd_operations.hpp"

#include "core/hex.hpp"
#include "net/websocket.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <charconv>

namespace csim {
namespace {

constexpr unsigned code_running = 103, code_pending = 105, code_success = 200, code_failure = 400,
                   code_cancelled = 401;
constexpr int seconds_kept = 30;  ///< the real one has about five; a busy machine's clients need more

const char* status_text(unsigned code) {
    switch (code) {
        case code_pending:
            return "Pending";
        case code_success:
            return "Success";
        case code_failure:
            return "Failure";
        case code_cancelled:
            return "Cancelled";
        default:
            return "Running";
    }
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1)
        throw Fatal("the system has no random numbers left");
    return bytes;
}

bool same_secret(const std::string& a, const std::string& b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string secret_word() {
    return hex_text(random_bytes(32));
}

std::string secret_uuid() {
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string text = hex_text(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

struct LxdOperations::Operation {
    std::string id, type, description, error;
    Json resources, metadata;
    unsigned code = code_pending;
    SimTime created, updated;
    UniqueFunction<void()> cancel;
    std::map<std::string, Join> sockets;
    std::map<std::uint64_t, Waiter> waiters;
    EventId forgotten;
};

LxdOperations::LxdOperations(Timeline& timeline, LxdEvents& events, Duration second)
    : timeline_(timeline), events_(events), second_(second) {}

LxdOperations::~LxdOperations() {
    for (auto& [id, operation] : operations_) {
        timeline_.cancel(operation->forgotten);
        for (auto& [number, waiter] : operation->waiters) timeline_.cancel(waiter.limit);
    }
}

Json LxdOperations::shown(const Operation& operation) const {
    return {
        {"id", operation.id},
        {"class", operation.type},
        {"description", operation.description},
        {"created_at", lxd_time(operation.created)},
        {"updated_at", lxd_time(operation.updated)},
        {"status", status_text(operation.code)},
        {"status_code", operation.code},
        {"resources", operation.resources},
        {"metadata", operation.metadata},
        {"may_cancel", static_cast<bool>(operation.cancel) && operation.code < code_success},
        {"err", operation.error},
        {"location", "none"}};
}

void LxdOperations::publish(const Operation& operation) {
    if (events_.listeners() > 0) events_.publish("operation", shown(operation));
}

LxdOperations::Operation& LxdOperations::found(const std::string& id) {
    const auto at = operations_.find(id);
    if (at == operations_.end()) throw LxdRefusal{404, "Operation not found"};
    return *at->second;
}

std::string LxdOperations::begin(Start start) {
    auto made = std::make_unique<Operation>();
    made->id = secret_uuid();
    made->type = std::move(start.type);
    made->description = std::move(start.description);
    if (start.resources != nullptr) made->resources = std::move(*start.resources);
    if (start.metadata != nullptr) made->metadata = std::move(*start.metadata);
    made->cancel = std::move(start.cancel);
    made->created = made->updated = timeline_.now();
    Operation& operation = *made;
    operations_.emplace(operation.id, std::move(made));
    publish(operation);
    operation.code = code_running;
    publish(operation);
    return operation.id;
}

HttpReply LxdOperations::accepted(const std::string& id) const {
    return operation_reply(id, shown(*operations_.at(id)));
}

Json LxdOperations::metadata(const std::string& id) const {
    const auto at = operations_.find(id);
    return at == operations_.end() ? Json() : at->second->metadata;
}

bool LxdOperations::running(const std::string& id) const {
    const auto at = operations_.find(id);
    return at != operations_.end() && at->second->code < code_success;
}

void LxdOperations::update(const std::string& id, const Json& metadata) {
    if (!running(id)) return;
    Operation& operation = *operations_.at(id);
    operation.metadata = metadata;
    operation.updated = timeline_.now();
    publish(operation);
}

void LxdOperations::finish(const std::string& id, const std::string& error) {
    if (running(id)) end(*operations_.at(id), error.empty() ? code_success : code_failure, error);
}

void LxdOperations::cancelled(const std::string& id) {
    if (running(id)) end(*operations_.at(id), code_cancelled, "");
}

void LxdOperations::end(Operation& operation, unsigned code, const std::string& error) {
    operation.code = code;
    operation.error = error;
    operation.sockets.clear();
    publish(operation);
    const HttpReply reply = sync_reply(shown(operation));
    for (auto& [number, waiter] : operation.waiters) {
        timeline_.cancel(waiter.limit);
        waiter.responder.reply(reply);
    }
    operation.waiters.clear();
    const Duration kept = lose_ ? Duration::zero() : seconds_kept * second_;
    operation.forgotten = timeline_.after(kept, [this, id = operation.id] { operations_.erase(id); });
}

void LxdOperations::open_socket(const std::string& id, const std::string& secret, Join join) {
    operations_.at(id)->sockets[secret] = std::move(join);
}

void LxdOperations::close_sockets(const std::string& id) {
    const auto at = operations_.find(id);
    if (at != operations_.end()) at->second->sockets.clear();
}

LxdReply LxdOperations::list(LxdCall& call) {
    Json by_status = Json::object();
    for (const auto& [id, operation] : operations_) {
        std::string status = status_text(operation->code);
        status[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(status[0])));
        by_status[status].push_back(call.recursion() > 0 ? shown(*operation) : Json("/1.0/operations/" + id));
    }
    return sync_reply(by_status);
}

LxdReply LxdOperations::wait(LxdCall& call) {
    Operation& operation = found(call.path[2]);
    if (operation.code >= code_success) return sync_reply(shown(operation));
    const std::string asked = call.asked("timeout");
    int seconds = -1;
    const auto [end, wrong] = std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
    if (!asked.empty() && (wrong != std::errc{} || end != asked.data() + asked.size()))
        throw LxdRefusal{400, "strconv.Atoi: parsing \"" + asked + "\": invalid syntax"};
    if (seconds == 0) return sync_reply(shown(operation));
    for (auto each = operation.waiters.begin(); each != operation.waiters.end();) {
        if (each->second.responder.gone()) timeline_.cancel(each->second.limit);
        each = each->second.responder.gone() ? operation.waiters.erase(each) : std::next(each);
    }
    const std::uint64_t number = ++last_waiter_;
    Waiter waiter{std::move(call.responder), {}};
    if (seconds > 0) {
        waiter.limit = timeline_.after(seconds * second_, [this, number, id = operation.id] {
            const auto at = operations_.find(id);
            if (at == operations_.end()) return;
            const auto waiting = at->second->waiters.find(number);
            if (waiting == at->second->waiters.end()) return;
            waiting->second.responder.reply(sync_reply(shown(*at->second)));
            at->second->waiters.erase(waiting);
        });
    }
    operation.waiters.emplace(number, std::move(waiter));
    return std::nullopt;
}

LxdReply LxdOperations::cancel(LxdCall& call) {
    Operation& operation = found(call.path[2]);
    if (!operation.cancel || operation.code >= code_success)
        throw LxdRefusal{400, "This operation can't be cancelled"};
    UniqueFunction<void()> act = std::move(operation.cancel);
    act();
    cancelled(call.path[2]);
    return sync_reply(Json::object());
}

LxdReply LxdOperations::join(LxdCall& call) {
    Operation& operation = found(call.path[2]);
    if (!asks_for_websocket(call.request)) throw LxdRefusal{400, "This is a websocket"};
    const std::string secret = call.asked("secret");
    if (secret.empty()) throw LxdRefusal{400, "missing secret"};
    for (auto each = operation.sockets.begin(); each != operation.sockets.end(); ++each) {
        if (!same_secret(each->first, secret)) continue;
        const Join join = std::move(each->second);
        operation.sockets.erase(each);
        join(call);
        return std::nullopt;
    }
    throw LxdRefusal{403, "not authorized"};
}

void LxdOperations::add_routes(LxdRoutes& routes) {
    const std::string one = "/1.0/operations/*";
    routes.add("GET", "/1.0/operations", [this](LxdCall& call) { return list(call); });
    routes.add("GET", one, [this](LxdCall& call) {
        return LxdReply(sync_reply(shown(found(call.path[2]))));
    });
    routes.add("DELETE", one, [this](LxdCall& call) { return cancel(call); });
    routes.add("GET", one + "/wait", [this](LxdCall& call) { return wait(call); });
    routes.add(
        "GET", one + "/websocket", [this](LxdCall& call) { return join(call); }, true
    );
}

}  // namespace csim
