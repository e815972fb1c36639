#include "net/https_client.hpp"

#include "net/client_engine.hpp"

#include <cassert>

namespace csim {

struct HttpsClient::Impl {
    Impl(Inbox& inbox, HttpsClientOptions given)
        : options(std::move(given)),
          gate(std::make_shared<ClientGate>(inbox)),
          reactor("net-client"),
          engine(reactor, *gate, options, resolve(options.host, options.port)) {
        reactor.after_batch([this] { engine.after_batch(); });
        reactor.start();
    }
    ~Impl() {
        gate->shut();
        reactor.stop();
    }

    const HttpsClientOptions options;
    std::shared_ptr<ClientGate> gate;
    Reactor reactor;
    ClientEngine engine;
};

HttpsClient::HttpsClient(Inbox& inbox, HttpsClientOptions options)
    : impl_(std::make_unique<Impl>(inbox, std::move(options))) {}

HttpsClient::~HttpsClient() = default;

HttpsClient::LaneId HttpsClient::open_lane(std::shared_ptr<const TlsIdentity> identity) {
    const LaneId lane = impl_->gate->open();
    impl_->reactor.post([&engine = impl_->engine, lane, identity = std::move(identity)]() mutable {
        engine.open_lane(lane, std::move(identity));
    });
    return lane;
}

void HttpsClient::close_lane(LaneId lane) {
    // The order of the two lets no new lane take the place before the old one has left it.
    impl_->reactor.post([&engine = impl_->engine, lane] { engine.close_lane(lane); });
    impl_->gate->close(lane);
}

void HttpsClient::abandon(LaneId lane) {
    impl_->gate->abandon(lane);
    impl_->reactor.post([&engine = impl_->engine, lane] { engine.abandon(lane); });
}

void HttpsClient::send(
    LaneId lane, HttpRequest request, Duration timeout, UniqueFunction<void(Result<HttpReply>)> done,
    bool long_poll
) {
    Completion completion;
    completion.lane = lane;
    completion.epoch = impl_->gate->epoch(lane);
    completion.done = std::move(done);
    impl_->reactor.post([&engine = impl_->engine, request = std::move(request), timeout, long_poll,
                         completion = std::move(completion)]() mutable {
        engine.send(std::move(request), timeout, long_poll, std::move(completion));
    });
}

HttpsClientStats HttpsClient::stats() const {
    const auto& figures = impl_->gate->figures;
    HttpsClientStats stats;
    stats.requests = figures.requests;
    stats.failures = figures.failures;
    stats.connects = figures.connects;
    stats.resumed = figures.resumed;
    stats.bytes_sent = figures.bytes_sent;
    stats.bytes_received = figures.bytes_received;
    stats.open = figures.open;
    stats.connecting = figures.connecting;
    stats.parked = figures.parked;
    stats.hibernating = figures.hibernating;
    return stats;
}

}  // namespace csim
