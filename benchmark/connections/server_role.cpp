#include "benchmark/connections/roles.hpp"
#include "net/http_server.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace csim {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The handler runs on the I/O thread: one thread is what the peers' figures are per.
struct DirectInbox final : Inbox {
    void post(UniqueFunction<void()> work) override { work(); }
};

}  // namespace

int serve_until_killed(const std::string& folder) {
    DirectInbox inbox;
    HttpServerOptions options;
    options.idle_timeout = std::chrono::hours(1);
    options.tls = {
        text_of(folder + "/server.key"), text_of(folder + "/server.crt"), text_of(folder + "/ca.crt")};
    const std::string body(200, 'b');
    HttpServer server(inbox, std::move(options), [&](HttpRequest, const Peer&, Responder responder) {
        responder.reply({200, {{"Content-Type", "text/plain"}}, body});
    });
    std::cout << server.port() << std::endl;
    for (;;) ::pause();
}

}  // namespace csim
