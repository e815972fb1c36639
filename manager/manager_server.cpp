// Which path belongs to whom.
#include "manager/manager_server.hpp"

#include "manager/certificate_authority.hpp"

#include <deque>

namespace csim {

namespace {

HttpReply page_reply() {
    HttpReply reply;
    reply.headers = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Content-Security-Policy", "default-src 'self' 'unsafe-inline'; img-src data:"},
        {"Cache-Control", "no-cache"},
    };
    reply.body = live_page();
    return reply;
}

HttpReply not_found() {
    HttpReply reply;
    reply.status = 404;
    reply.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    reply.body = "There is nothing here. The REST API begins at /api/.\n";
    return reply;
}

AuthorityOptions authority_options(const ManagerServerOptions& options) {
    return {
        options.names.empty() ? std::vector<std::string>{"localhost"} : options.names,
        options.signing_threads};
}

ManagerOptions manager_options(const ManagerServerOptions& options) {
    ManagerOptions made = options.manager;
    if (made.url.empty()) {
        const std::string name = options.names.empty() ? options.address : options.names.front();
        made.url = "https://" + name + ":" + std::to_string(options.port) + "/";
    }
    return made;
}

}  // namespace

struct ManagerServer::Impl {
    CertificateAuthority authority;
    FenceDriver power;
    ControlPortSource controllers;
    std::unique_ptr<ManagerCore> core;
    std::unique_ptr<HttpServer> server;
    std::string url;
    Timeline& timeline;
    const Duration delay_per_host;
    const std::size_t leak_per_answer;
    std::deque<std::string> leaked;

    Impl(Timeline& time, Documents& documents, Inbox& inbox, const ManagerServerOptions& options)
        : authority(documents.store(), inbox, authority_options(options)),
          power(inbox, options.fence),
          controllers(inbox, options.simulator),
          timeline(time),
          delay_per_host(options.delay_per_host),
          leak_per_answer(options.leak_per_answer) {}

    void answer_late(std::shared_ptr<Responder> answer, HttpReply reply) {
        const auto hosts = static_cast<std::int64_t>(core->model().hosts.size());
        timeline.after(delay_per_host * hosts, [answer, reply = std::move(reply)]() mutable {
            answer->reply(std::move(reply));
        });
    }

    void handle_rest(const HttpRequest& request, const std::shared_ptr<Responder>& answer) {
        const auto ticket = core->rest(request, [this, answer](HttpReply reply) {
            if (delay_per_host > Duration(0)) return answer_late(answer, std::move(reply));
            answer->reply(std::move(reply));
        });
        if (ticket == 0) return;
        // Nothing waits for a client that is gone.
        answer->on_gone([this, ticket] { core->abandon_rest(ticket); });
    }

    void handle(HttpRequest request, const Peer& peer, Responder responder) {
        if (auto refused = refuse_peer(peer)) return responder.reply(std::move(*refused));
        if (leak_per_answer > 0 && RestApi::owns(request.target)) leaked.emplace_back(leak_per_answer, '.');
        auto answer = std::make_shared<Responder>(std::move(responder));
        auto done = [answer](HttpReply reply) { answer->reply(std::move(reply)); };
        if (RestApi::owns(request.target)) return handle_rest(request, answer);
        if (AgentFront::owns(request.target)) return core->agent(request, peer, std::move(done));
        const bool page = request.target == "/" || request.target.starts_with("/?");
        done(page && request.method == "GET" ? page_reply() : not_found());
    }
};

ManagerServer::ManagerServer(
    Timeline& timeline, Inbox& inbox, Documents& documents, Rng rng, Trace* trace,
    ManagerServerOptions options
)
    : impl_(std::make_unique<Impl>(timeline, documents, inbox, options)) {
    HttpServerOptions http;
    http.address = options.address;
    http.port = options.port;
    http.connections_max = options.connections_max;
    const CertificateAuthority& authority = impl_->authority;
    http.tls = TlsServerOptions{
        authority.server_key(), authority.server_certificate(), authority.authority_certificate()};
    Impl* impl = impl_.get();
    http.when_crowded = [impl] { impl->core->agents().end_oldest_poll(); };
    impl_->server = std::make_unique<HttpServer>(
        inbox, std::move(http),
        [impl](HttpRequest request, const Peer& peer, Responder responder) {
            impl->handle(std::move(request), peer, std::move(responder));
        }
    );
    options.port = impl_->server->port();
    ManagerOptions manager = manager_options(options);
    impl_->url = manager.url;
    // No request is handled before this returns: the handler runs on the caller's own thread.
    impl_->core = std::make_unique<ManagerCore>(
        timeline, documents, rng, trace, impl_->authority, random_bytes(), std::move(manager)
    );
    impl_->core->use_power_driver(impl_->power);
    impl_->core->use_controller_source(impl_->controllers);
    impl_->core->count_connections([impl] { return impl->server->stats().open; });
}

ManagerServer::~ManagerServer() {
    impl_->server.reset();
}

std::uint16_t ManagerServer::port() const {
    return impl_->server->port();
}
const std::string& ManagerServer::url() const {
    return impl_->url;
}
ManagerCore& ManagerServer::core() {
    return *impl_->core;
}
std::string ManagerServer::power_client() const {
    return impl_->power.describe();
}
HttpServerStats ManagerServer::stats() const {
    return impl_->server->stats();
}

}  // namespace csim
