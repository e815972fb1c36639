// A driver for servers that we did not write.
#pragma once

#include "connections/engine/driver.hpp"
#include "connections/tls/contexts.hpp"
#include "net/socket.hpp"
#include "tests/programs/program.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>

namespace csim::connections {

inline std::string installed(std::initializer_list<const char*> places) {
    for (const char* each : places)
        if (access(each, X_OK) == 0) return each;
    return "";
}

/// A loopback address of this process's own, so that a port that was free a moment ago still is.
inline std::string own_address() {
    const int pid = getpid();
    return "127." + std::to_string(100 + pid / 65'536 % 100) + "." + std::to_string(pid / 256 % 256) + "." +
           std::to_string(1 + pid % 250);
}

inline std::uint16_t free_port() {
    const int fd = listen_on(own_address(), 0);
    const std::uint16_t port = local_port(fd);
    close(fd);
    return port;
}

struct Foreign {
    Foreign() {
        const PemTexts identity = self_signed_server();
        std::ofstream(folder / "cert.pem") << identity.certificate;
        std::ofstream(folder / "key.pem") << identity.key;
        plan.targets.resize(1);
        plan.targets[0].host = "127.0.0.1";
        plan.targets[0].addresses = {own_address()};
        plan.targets[0].port = free_port();
        plan.ca_file = (folder / "cert.pem").string();
        plan.ramp_rate = 0;
        plan.first_at_once = true;
        plan.period = std::chrono::hours(1);
        plan.reconnect = Reconnect::always;
        plan.backoff_low = 20ms;
        plan.backoff_high = 200ms;
    }
    void start() {
        driver =
            std::make_unique<Driver>(plan, shares_of(plan, 0, plan.connections, 1).front(), monotonic_now);
        driver->start();
    }
    bool until(const std::function<bool()>& done) {
        const Nanos end = monotonic_now() + 60 * second;
        while (!done()) {
            if (monotonic_now() > end) {
                const Totals& all = driver->totals();
                MESSAGE("waited in vain: " << told() << all[Count::responses] << " responses");
                return false;
            }
            driver->step(5 * millisecond);
        }
        return true;
    }
    std::uint64_t count(Count which) { return driver->totals()[which]; }
    std::string told() {
        std::string text;
        const Totals& all = driver->totals();
        for (const Ends* ends : {&all.drops, &all.failed_opens, &all.by_peer, &all.by_us})
            for (const auto& [which, n] : *ends)
                text += text_of(which.first, which.second) + " " + std::to_string(n) + "; ";
        return text;
    }

    std::string listening() const { return own_address() + ":" + std::to_string(plan.targets[0].port); }

    TempFolder folder;
    Plan plan;
    std::unique_ptr<Driver> driver;
};

}  // namespace csim::connections
