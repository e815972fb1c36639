// Corosync and pacemaker on a FakeServer, and the membership that follows from them.
#include "core/json_codec.hpp"
#include "fakes/events.hpp"
#include "fakes/fake_server.hpp"

namespace csim {
namespace {

const char* service_name(Service service) {
    return service == Service::corosync ? "corosync" : "pacemaker";
}

std::string& state_text(ServerState& state, Service service) {
    return service == Service::corosync ? state.corosync.state : state.pacemaker.state;
}

bool& enabled_flag(ServerState& state, Service service) {
    return service == Service::corosync ? state.corosync.enabled : state.pacemaker.enabled;
}

}  // namespace

std::string_view FakeServer::state_of(Service service) const {
    return service == Service::corosync ? (*state_)->corosync.state : (*state_)->pacemaker.state;
}

bool FakeServer::fit_for_cluster() const {
    return up() && state_of(Service::corosync) == "started" && state_of(Service::pacemaker) == "started";
}

void FakeServer::update_membership() {
    if (fit_for_cluster()) {
        cluster_.join(nodename(), (*state_)->corosync.mcast_port);
    } else {
        cluster_.leave(nodename());
    }
}

void FakeServer::set_service(Service service, const char* text) {
    if (state_of(service) == text) return;
    state_->edit([&](ServerState& state) { state_text(state, service) = text; });
    context_.trace.emit(fqdn(), ServiceChanged{service_name(service), text});
}

Result<Nothing> FakeServer::start(Service service) {
    if (!up()) return Error{Errc::conflict, fqdn() + " is not up"};
    if (service == Service::pacemaker && state_of(Service::corosync) != "started") {
        return Error{Errc::conflict, "cannot start pacemaker on " + fqdn() + ": corosync is not started"};
    }
    enable(service);
    set_service(service, "started");
    update_membership();
    return Nothing{};
}

void FakeServer::stop(Service service) {
    if (service == Service::corosync) set_service(Service::pacemaker, "stopped");
    state_->edit([&](ServerState& state) { enabled_flag(state, service) = false; });
    set_service(service, "stopped");
    update_membership();
}

void FakeServer::enable(Service service) {
    state_->edit([&](ServerState& state) { enabled_flag(state, service) = true; });
}

void FakeServer::set_mcast_port(std::int64_t port) {
    if ((*state_)->corosync.mcast_port == port) return;
    state_->edit([&](ServerState& state) { state.corosync.mcast_port = port; });
    update_membership();
}

void FakeServer::unconfigure_corosync() {
    stop(Service::pacemaker);
    stop(Service::corosync);
    cluster_.forget(nodename());
}

}  // namespace csim
