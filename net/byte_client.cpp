#include "net/byte_client.hpp"

#include "net/reactor.hpp"
#include "net/socket.hpp"
#include "net/tls_stream.hpp"

#include <cstring>
#include <map>
#include <sys/epoll.h>

namespace csim {
namespace {

/// One conversation on the reactor's thread. Ends exactly once, through finish().
class Talk final : public Watcher, public Deadline {
  public:
    using Finish = UniqueFunction<void(Talk&, Result<Nothing>)>;
    Talk(Reactor& reactor, std::string peer, std::unique_ptr<Conversation> conversation, Finish finish)
        : conversation(std::move(conversation)),
          reactor_(reactor),
          peer_(std::move(peer)),
          finish_(std::move(finish)) {}

    void start(const SocketAddress& to, Duration limit);
    void ready(std::uint32_t events) override;
    void expired() override { fail("did not finish in time"); }

    std::unique_ptr<Conversation> conversation;

  private:
    void read();
    void flush();
    void end(Result<Nothing> result);
    void fail(const std::string& how) { end(Error{Errc::unreachable, peer_ + " " + how}); }

    Reactor& reactor_;
    const std::string peer_;
    Finish finish_;
    TlsStream stream_;
    std::string out_;
    bool connected_ = false;
};

void Talk::start(const SocketAddress& to, Duration limit) {
    const int fd = start_connecting(to, {});
    if (fd < 0) return fail(std::string("cannot be reached: ") + std::strerror(-fd));
    stream_ = TlsStream(fd);
    reactor_.arm(*this, limit);
    if (const int error = reactor_.add(fd, EPOLLOUT, *this); error != 0) fail(std::strerror(error));
}

void Talk::ready(std::uint32_t events) {
    if (!stream_.is_open()) return;
    if (!connected_) {
        if (const int error = connect_result(stream_.fd()); error != 0) {
            return fail(std::string("cannot be reached: ") + std::strerror(error));
        }
        connected_ = true;
        out_ = conversation->opening();
        return flush();
    }
    if ((events & EPOLLOUT) != 0) flush();
    if (stream_.is_open() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Talk::read() {
    const auto scratch = reactor_.scratch();
    const auto [status, bytes] = stream_.read(scratch.data(), 4096);
    if (status == TlsStream::Status::want_read) return;
    if (status != TlsStream::Status::done) return end(Nothing{});
    out_ += conversation->received({scratch.data(), bytes});
    flush();
}

void Talk::flush() {
    while (!out_.empty()) {
        const auto [status, bytes] = stream_.write(out_);
        out_.erase(0, bytes);
        if (status == TlsStream::Status::done) continue;
        if (status != TlsStream::Status::want_write) return end(Nothing{});
        return reactor_.change(stream_.fd(), EPOLLIN | EPOLLOUT, *this);
    }
    if (conversation->over()) return end(Nothing{});
    reactor_.change(stream_.fd(), EPOLLIN, *this);
}

void Talk::end(Result<Nothing> result) {
    if (stream_.is_open()) {
        reactor_.remove(stream_.fd());
        stream_.close(true);
    }
    disarm();
    if (auto finish = std::exchange(finish_, nullptr)) finish(*this, std::move(result));
}

}  // namespace

struct ByteClient::Impl {
    explicit Impl(Inbox& inbox) : inbox(inbox), reactor("net-talks") {}
    ~Impl() { reactor.stop(); }

    void finished(std::uint64_t id, Talk& talk, Result<Nothing> result, Done done) {
        inbox.post([conversation = std::move(talk.conversation), result = std::move(result),
                    done = std::move(done)]() mutable { done(std::move(conversation), std::move(result)); });
        const auto at = talks.find(id);
        reactor.retire(std::move(at->second));
        talks.erase(at);
    }

    Inbox& inbox;
    Reactor reactor;
    bool started = false;
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::unique_ptr<Talk>> talks;  ///< the reactor's thread only
};

ByteClient::ByteClient(Inbox& inbox) : impl_(std::make_unique<Impl>(inbox)) {}

ByteClient::~ByteClient() = default;

void ByteClient::converse(
    std::string address, std::uint16_t port, Duration limit, std::unique_ptr<Conversation> conversation,
    Done done
) {
    Impl* impl = impl_.get();
    if (!std::exchange(impl->started, true)) impl->reactor.start();
    const std::uint64_t id = ++impl->last_id;
    const std::string peer = address + ":" + std::to_string(port);
    auto to = resolve(address, port);
    impl->reactor.post([impl, id, peer, to = std::move(to), limit, conversation = std::move(conversation),
                        done = std::move(done)]() mutable {
        auto finish = [impl, id, done = std::move(done)](Talk& talk, Result<Nothing> result) mutable {
            impl->finished(id, talk, std::move(result), std::move(done));
        };
        auto talk = std::make_unique<Talk>(impl->reactor, peer, std::move(conversation), std::move(finish));
        Talk& started = *impl->talks.emplace(id, std::move(talk)).first->second;
        if (to) return started.start(to->front(), limit);
        started.start(SocketAddress{}, limit);
    });
}

}  // namespace csim
