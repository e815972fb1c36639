#include "runtime/lxd_host/lxd_events.hpp"

#include "runtime/lxd_host/lxd_api.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace csim {
namespace {

constexpr std::size_t held_max = 1024;

Json requestor(const ApiPeer& by) {
    if (by.local) return {{"username", "root"}, {"protocol", "unix"}, {"address", "@"}};
    return {{"username", sha256_hex(by.certificate)}, {"protocol", "tls"}, {"address", by.address}};
}

}  // namespace

/// Listeners say nothing that matters; that they have gone does.
class LxdEvents::Reader final : public SocketReader {
  public:
    Reader(LxdEvents& events, std::uint64_t id) : events_(events), id_(id), alive_(events.alive_) {}
    void text(std::string) override {}
    void binary(std::string) override {}
    void closed() override {
        if (!alive_.expired()) events_.listeners_.erase(id_);
    }

  private:
    LxdEvents& events_;
    const std::uint64_t id_;
    std::weak_ptr<bool> alive_;
};

std::unique_ptr<SocketReader> LxdEvents::listener(const std::string& types, std::uint64_t& id) {
    id = ++last_;
    Listener& made = listeners_[id];
    std::istringstream list(types);
    for (std::string type; std::getline(list, type, ',');) made.types.insert(type);
    return std::make_unique<Reader>(*this, id);
}

void LxdEvents::attach(std::uint64_t id, std::shared_ptr<WebSocket> socket) {
    listeners_.at(id).socket = std::move(socket);
}

void LxdEvents::publish(const std::string& type, const Json& metadata) {
    if (listeners_.empty()) return;
    const Json event{
        {"type", type},
        {"timestamp", lxd_time(clock_())},
        {"metadata", metadata},
        {"location", "none"},
        {"project", "default"}};
    const std::string text = event.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (auto& [id, listener] : listeners_)
        if (listener.socket && (listener.types.empty() || listener.types.contains(type)))
            send(listener, text);
}

void LxdEvents::send(Listener& listener, const std::string& text) {
    if (habits_.loses && habits_.loses()) return;
    if (!habits_.stalled && !habits_.reorder && listener.held.empty()) return listener.socket->text(text);
    listener.held.push_back(text);
    if (habits_.stalled) {
        if (listener.held.size() > held_max) listener.socket->close(1008, "too much was left unread");
        return;
    }
    if (listener.held.size() < 2) return;
    for (; !listener.held.empty(); listener.held.pop_back()) listener.socket->text(listener.held.back());
}

void LxdEvents::lifecycle(
    const std::string& action, const std::string& path, const Json& context, const ApiPeer* by
) {
    Json metadata{{"action", action}, {"source", path}};
    if (!context.is_null()) metadata["context"] = context;
    if (by != nullptr) metadata["requestor"] = requestor(*by);
    publish("lifecycle", metadata);
}

void LxdEvents::set_habits(EventHabits habits) {
    habits_ = std::move(habits);
    if (habits_.stalled) return;
    for (auto& [id, listener] : listeners_)
        for (; !listener.held.empty(); listener.held.pop_front())
            listener.socket->text(listener.held.front());
}

void LxdEvents::cut_all() {
    for (auto& [id, listener] : listeners_)
        if (listener.socket) listener.socket->cut();
}

}  // namespace csim
