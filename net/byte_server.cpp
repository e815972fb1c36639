#include "net/byte_server.hpp"

#include "net/reactor.hpp"
#include "net/socket.hpp"
#include "net/tls_stream.hpp"

#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <sys/epoll.h>
#include <unistd.h>

namespace csim {
namespace {

// A client that does not read its answers is cut off rather than buffered for.
constexpr std::size_t unsent_max = 1u << 20;

class ByteEngine;

// What the threads share. The engine's pointer is taken and used under the lock.
struct ByteGate {
    explicit ByteGate(Inbox& inbox, ByteServer::Factory factory)
        : inbox(inbox), factory(std::move(factory)) {}
    Inbox& inbox;
    ByteServer::Factory factory;
    std::map<std::uint64_t, std::unique_ptr<ByteSession>> sessions;  ///< the inbox's thread only
    std::mutex mutex;
    Reactor* reactor = nullptr;
    ByteEngine* engine = nullptr;
    std::atomic<bool> shut{false};
};

class ByteConnection final : public Watcher, public Deadline {
  public:
    ByteConnection(ByteEngine& engine, std::uint64_t id, int fd);
    void ready(std::uint32_t events) override;
    void expired() override;
    void write(const std::string& bytes);
    void close_when_sent();

  private:
    void read();
    void flush();
    void close();

    ByteEngine& engine_;
    const std::uint64_t id_;
    TlsStream stream_;
    std::string out_;
    bool closing_ = false;
};

class ByteEngine final : public Watcher {
  public:
    ByteEngine(
        Reactor& reactor, std::shared_ptr<ByteGate> gate, const ByteServerOptions& options, int listener
    )
        : reactor(reactor), gate(std::move(gate)), options(options), listener_(listener) {
        reactor.add(listener_, EPOLLIN, *this);
    }
    ~ByteEngine() override { ::close(listener_); }

    void ready(std::uint32_t) override;
    void opened(std::uint64_t id);
    void received(std::uint64_t id, std::string bytes);
    void closed(std::uint64_t id);

    Reactor& reactor;
    std::shared_ptr<ByteGate> gate;
    const ByteServerOptions& options;
    std::map<std::uint64_t, std::unique_ptr<ByteConnection>> connections;

  private:
    int listener_;
    std::uint64_t next_id_ = 1;
};

class Sink final : public ByteSink {
  public:
    Sink(std::shared_ptr<ByteGate> gate, std::uint64_t id) : gate_(std::move(gate)), id_(id) {}
    void write(std::string bytes) override {
        reach([bytes = std::move(bytes)](ByteConnection& connection) { connection.write(bytes); });
    }
    void close() override {
        reach([](ByteConnection& connection) { connection.close_when_sent(); });
    }

  private:
    template <class Act>
    void reach(Act act) {
        const std::lock_guard lock(gate_->mutex);
        if (gate_->shut) return;
        gate_->reactor->post([engine = gate_->engine, id = id_, act = std::move(act)] {
            const auto found = engine->connections.find(id);
            if (found != engine->connections.end()) act(*found->second);
        });
    }
    std::shared_ptr<ByteGate> gate_;
    const std::uint64_t id_;
};

ByteConnection::ByteConnection(ByteEngine& engine, std::uint64_t id, int fd)
    : engine_(engine), id_(id), stream_(fd) {
    engine_.reactor.add(fd, EPOLLIN, *this);
    engine_.reactor.arm(*this, engine_.options.idle_timeout);
}

void ByteConnection::ready(std::uint32_t events) {
    if (!stream_.is_open()) return;
    if ((events & EPOLLOUT) != 0) flush();
    if (stream_.is_open() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void ByteConnection::expired() {
    close();
}

void ByteConnection::read() {
    const auto scratch = engine_.reactor.scratch();
    const auto [status, bytes] = stream_.read(scratch.data(), 4096);
    if (status == TlsStream::Status::want_read) return;
    if (status != TlsStream::Status::done) return close();
    if (closing_) return;
    engine_.reactor.arm(*this, engine_.options.idle_timeout);
    engine_.received(id_, std::string(scratch.data(), bytes));
}

void ByteConnection::write(const std::string& bytes) {
    if (!stream_.is_open() || closing_) return;
    out_ += bytes;
    if (out_.size() > unsent_max) return close();
    flush();
}

void ByteConnection::close_when_sent() {
    closing_ = true;
    if (stream_.is_open()) flush();
}

void ByteConnection::flush() {
    while (!out_.empty()) {
        const auto [status, bytes] = stream_.write(out_);
        out_.erase(0, bytes);
        if (status == TlsStream::Status::done) continue;
        if (status != TlsStream::Status::want_write) return close();
        return engine_.reactor.change(stream_.fd(), EPOLLIN | EPOLLOUT, *this);
    }
    engine_.reactor.change(stream_.fd(), EPOLLIN, *this);
    if (closing_) close();
}

void ByteConnection::close() {
    if (!stream_.is_open()) return;
    engine_.reactor.remove(stream_.fd());
    stream_.close(true);
    disarm();
    engine_.closed(id_);
}

void ByteEngine::ready(std::uint32_t) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (connections.size() >= options.connections_max) {
        ::close(fd);
        return;
    }
    const std::uint64_t id = next_id_++;
    connections.emplace(id, std::make_unique<ByteConnection>(*this, id, fd));
    opened(id);
}

void ByteEngine::opened(std::uint64_t id) {
    gate->inbox.post([gate = gate, id] {
        if (gate->shut) return;
        auto& session = gate->sessions[id] = gate->factory();
        session->opened(std::make_shared<Sink>(gate, id));
    });
}

void ByteEngine::received(std::uint64_t id, std::string bytes) {
    gate->inbox.post([gate = gate, id, bytes = std::move(bytes)] {
        const auto found = gate->sessions.find(id);
        if (!gate->shut && found != gate->sessions.end()) found->second->received(bytes);
    });
}

void ByteEngine::closed(std::uint64_t id) {
    auto found = connections.find(id);
    reactor.retire(std::move(found->second));
    connections.erase(found);
    gate->inbox.post([gate = gate, id] {
        const auto session = gate->sessions.find(id);
        if (gate->shut || session == gate->sessions.end()) return;
        const auto ending = std::move(session->second);
        gate->sessions.erase(session);
        ending->closed();
    });
}

}  // namespace

struct ByteServer::Impl {
    Impl(Inbox& inbox, ByteServerOptions given, Factory factory)
        : options(std::move(given)),
          listener(listen_on(options.address, options.port)),
          port(local_port(listener)),
          reactor("net-bytes"),
          gate(std::make_shared<ByteGate>(inbox, std::move(factory))),
          engine(reactor, gate, options, listener) {
        gate->reactor = &reactor;
        gate->engine = &engine;
        reactor.start();
    }
    ~Impl() {
        {
            const std::lock_guard lock(gate->mutex);
            gate->shut = true;
        }
        reactor.stop();
        gate->sessions.clear();
    }

    ByteServerOptions options;
    int listener;
    std::uint16_t port;
    Reactor reactor;
    std::shared_ptr<ByteGate> gate;
    ByteEngine engine;
};

ByteServer::ByteServer(Inbox& inbox, ByteServerOptions options, Factory factory)
    : impl_(std::make_unique<Impl>(inbox, std::move(options), std::move(factory))) {}

ByteServer::~ByteServer() = default;

std::uint16_t ByteServer::port() const {
    return impl_->port;
}

}  // namespace csim
