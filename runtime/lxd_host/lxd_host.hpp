// A container host that LXD's own clients believe: `lxc`, pylxd, lxd-benchmark. Nothing runs on it; boot
// times, density and wedges come from a host model.
#pragma once

#include "core/event_loop.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "net/http.hpp"
#include "runtime/simulated/host_model.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct LxdHostOptions {
    HostModel model;
    std::uint64_t seed = 1;
    double speed = 1;               ///< simulated seconds a wall second, as the loop's pace has it
    std::string name = "lxd-host";  ///< what it calls itself
    std::string folder;             ///< where its key and certificate are kept; empty: new ones each time
    std::string socket;             ///< path; empty: none
    std::string listen;             ///< ADDRESS:PORT of HTTPS; empty: none
    std::string trust_password;
    std::vector<std::string> images = {"base"};  ///< aliases of built-in images
    bool initialised = true;                     ///< `lxd init` has been run on it
};

/// All calls on the loop's thread.
class LxdHost {
  public:
    /// Throws Fatal, with one sentence, when it cannot listen or read its key.
    LxdHost(EventLoop& loop, Timeline& timeline, LxdHostOptions options);
    ~LxdHost();
    LxdHost(const LxdHost&) = delete;

    /// Of the HTTPS listener; 0: none.
    std::uint16_t port() const;
    /// SHA-256 of its certificate.
    std::string fingerprint() const;
    std::string certificate_pem() const;

    /// From now on whoever shows this certificate is trusted.
    void trust(const std::string& name, const std::string& certificate_pem);
    /// Makes so many instances at once, named `prefix` and a number. Errors: exhausted, conflict, not_found
    /// (no image).
    Result<Nothing> populate(const std::string& prefix, std::uint64_t count, bool running);
    /// The control API: GET /host, GET, POST and DELETE /faults, DELETE /faults/ID, GET /faults/kinds,
    /// POST /populate, POST /reboot.
    HttpReply control(const HttpRequest& request);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The parts of "ADDRESS:PORT", "[ADDRESS]:PORT", ":PORT"; without a port 8443. Fails with bad_argument.
Result<std::pair<std::string, std::uint16_t>> parse_listen_address(const std::string& text);

}  // namespace csim
