// Who listens to /1.0/events, and what they are told.
#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "net/api_server.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace csim {

/// What an injected fault does to the stream.
struct EventHabits {
    bool stalled = false;              ///< nothing is sent until it ends, then everything in order
    bool reorder = false;              ///< each event changes places with the one before it
    std::function<bool()> loses = {};  ///< asked for each event and listener
};

class LxdEvents {
  public:
    using Clock = std::function<SimTime()>;
    explicit LxdEvents(Clock clock) : clock_(std::move(clock)) {}

    /// `types` as asked for, comma separated; empty: all. Returns what reads the other side.
    std::unique_ptr<SocketReader> listener(const std::string& types, std::uint64_t& id);
    void attach(std::uint64_t id, std::shared_ptr<WebSocket> socket);

    /// `type` is operation, lifecycle or logging.
    void publish(const std::string& type, const Json& metadata);
    /// `path` is the thing's, `context` may be null; `by` is who asked, or nobody.
    void lifecycle(
        const std::string& action, const std::string& path, const Json& context, const ApiPeer* by
    );
    void set_habits(EventHabits habits);
    /// Ends every stream without a goodbye.
    void cut_all();
    std::size_t listeners() const { return listeners_.size(); }

  private:
    struct Listener {
        std::set<std::string> types;
        std::shared_ptr<WebSocket> socket;
        std::deque<std::string> held;
    };
    class Reader;
    void send(Listener& listener, const std::string& text);

    Clock clock_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t last_ = 0;
    EventHabits habits_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace csim
