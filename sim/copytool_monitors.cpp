#include "sim/copytool_monitors.hpp"

#include <utility>

namespace csim {
namespace {

/// A post fails after 60 s without an answer; nothing is to be expected after that.
constexpr Duration last_post = 61s;

}  // namespace

struct CopytoolMonitors::Monitor {
    std::unique_ptr<AgentTransport> transport;
    CopytoolRelay relay;
    std::unique_ptr<CopytoolFifo> fifo;

    Monitor(std::unique_ptr<AgentTransport> way, CopytoolRelay::Setup setup, Timeline& timeline)
        : transport(std::move(way)), relay(std::move(setup), timeline, *transport) {}
};

CopytoolMonitors::CopytoolMonitors(Peers peers)
    : peers_(std::move(peers)), self_(std::make_shared<CopytoolMonitors*>(this)) {}

CopytoolMonitors::~CopytoolMonitors() {
    *self_ = nullptr;
    abandon();
}

void CopytoolMonitors::started(const HsmCopytool& copytool) {
    const std::string& worker = copytool->server;
    const auto credentials = peers_.credentials.find(worker);
    if (!credentials) return;
    auto transport = peers_.network.connect(worker, *credentials);
    if (!transport) return;
    auto monitor = std::make_shared<Monitor>(
        std::move(*transport), CopytoolRelay::Setup{worker, copytool.id()}, peers_.timeline
    );
    if (peers_.open_fifo) {
        CopytoolRelay& relay = monitor->relay;
        monitor->fifo = peers_.open_fifo(
            worker + "-" + copytool.label() + "-events", [&relay](std::string_view line) { relay.line(line); }
        );
    }
    monitors_[copytool.id()] = std::move(monitor);
}

void CopytoolMonitors::event(const HsmCopytool& copytool, std::string_view line) {
    const auto found = monitors_.find(copytool.id());
    if (found != monitors_.end()) found->second->relay.line(line);
}

void CopytoolMonitors::stopped(const HsmCopytool& copytool, bool died) {
    auto leaving = monitors_.extract(copytool.id());
    if (leaving.empty()) return;
    const std::shared_ptr<Monitor> monitor = leaving.mapped();
    monitor->fifo.reset();
    if (died) {
        monitor->transport->abandon();
        return retire(monitor, Duration(0));
    }
    monitor->relay.stop();
    retire(monitor, last_post);
}

/// Monitors end from the timeline only: this may be running inside one's own callback.
void CopytoolMonitors::retire(std::shared_ptr<Monitor> monitor, Duration after) {
    const std::uint64_t number = next_leaving_++;
    leaving_[number] = std::move(monitor);
    peers_.timeline.after(after, [self = self_, number] {
        if (*self != nullptr) (*self)->leaving_.erase(number);
    });
}

void CopytoolMonitors::abandon() {
    for (auto& [id, monitor] : monitors_) monitor->transport->abandon();
    for (auto& [number, monitor] : leaving_) monitor->transport->abandon();
    monitors_.clear();
    leaving_.clear();
}

const CopytoolRelay* CopytoolMonitors::relay(const std::string& copytool) const {
    const auto found = monitors_.find(copytool);
    return found == monitors_.end() ? nullptr : &found->second->relay;
}

}  // namespace csim
