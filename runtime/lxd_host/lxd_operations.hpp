// What goes on in the background of the host: begun, followed, waited for, forgotten some time after its end.
#pragma once

#include "core/timeline.hpp"
#include "runtime/lxd_host/lxd_api.hpp"
#include "runtime/lxd_host/lxd_events.hpp"

#include <memory>

namespace csim {

class LxdOperations {
  public:
    /// `second` is a second of the clients', in the timeline's time. All outlive this.
    LxdOperations(Timeline& timeline, LxdEvents& events, Duration second);
    ~LxdOperations();

    struct Start {
        std::string type = "task";  ///< or "websocket", "token"
        std::string description;
        Json* resources = nullptr;  ///< nullptr: null
        Json* metadata = nullptr;
        UniqueFunction<void()> cancel = {};  ///< empty: it cannot be cancelled
    };
    /// Publishes it as pending, then as running. Returns its id.
    std::string begin(Start start);
    /// The answer 202 to whoever asked for it.
    HttpReply accepted(const std::string& id) const;
    /// Replaces the metadata and tells the listeners.
    void update(const std::string& id, const Json& metadata);
    /// The metadata as it is; null of an unknown one.
    Json metadata(const std::string& id) const;
    /// Ends it, well if `error` is empty. Whoever ends one twice is ignored.
    void finish(const std::string& id, const std::string& error = {});
    void cancelled(const std::string& id);
    bool running(const std::string& id) const;

    /// Sockets of an operation, by their secret, each good for once.
    using Join = std::function<void(LxdCall&)>;
    void open_socket(const std::string& id, const std::string& secret, Join join);
    void close_sockets(const std::string& id);

    void add_routes(LxdRoutes& routes);
    /// For the fault of the same name: forgets operations as soon as they have ended.
    void lose(bool on) { lose_ = on; }

  private:
    struct Operation;
    struct Waiter {
        ApiResponder responder;
        EventId limit;
    };
    Json shown(const Operation& operation) const;
    Operation& found(const std::string& id);
    void publish(const Operation& operation);
    void end(Operation& operation, unsigned code, const std::string& error);
    LxdReply list(LxdCall& call);
    LxdReply wait(LxdCall& call);
    LxdReply cancel(LxdCall& call);
    LxdReply join(LxdCall& call);

    Timeline& timeline_;
    LxdEvents& events_;
    const Duration second_;
    bool lose_ = false;
    std::map<std::string, std::unique_ptr<Operation>> operations_;
    std::uint64_t last_waiter_ = 0;
};

/// A version 4 UUID that nobody can guess.
std::string secret_uuid();
/// 64 hex digits that nobody can guess.
std::string secret_word();

}  // namespace csim
