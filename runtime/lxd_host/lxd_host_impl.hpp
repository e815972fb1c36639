// The parts of an LxdHost and how they are put together.
#pragma once

#include "runtime/lxd_host/lxd_exec.hpp"
#include "runtime/lxd_host/lxd_host.hpp"
#include "runtime/lxd_host/lxd_server.hpp"
#include "runtime/lxd_host/lxd_trust.hpp"

namespace csim {

struct LxdHost::Impl {
    Impl(EventLoop& loop, Timeline& timeline, LxdHostOptions given);
    ~Impl();

    void open();
    std::string open_tls(const std::string& text);
    std::string listen(const std::string& text);  ///< the same for a client that asks for it
    void serve(LxdCall call);
    LxdReply answer(LxdCall& call);
    void send(LxdCall& call, HttpReply reply);
    /// What of the faults is a state and not a stroke.
    void apply_faults();
    void kill_by_oom();
    Json figures() const;
    HttpReply control(const HttpRequest& request);
    HttpReply control_faults(const HttpRequest& request);
    HttpReply control_populate(const HttpRequest& request);
    Result<Nothing> populate(const std::string& prefix, std::uint64_t count, bool running);

    const LxdHostOptions options;
    const SelfSigned identity;
    const std::string fingerprint;
    LxdContext context;
    LxdTrust trust;
    LxdImages images;
    LxdPlaces places;
    LxdInstances instances;
    LxdExec exec;
    LxdServer server_info;
    std::unique_ptr<ApiServer> server;
    std::uint16_t port = 0;
    std::uint64_t requests = 0;
    bool shows_expired = false;  ///< instead of its identity
    EventId oom{};
    std::map<std::uint64_t, LxdCall> held;  ///< requests that wait for a delay to pass, or for ever
    std::uint64_t last_held = 0;
};

}  // namespace csim
