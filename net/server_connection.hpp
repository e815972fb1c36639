// One connection of an HttpServer: greeting, handshake, then requests one after the other. Trusts nothing it
// reads.
#pragma once

#include "net/http_reader.hpp"
#include "net/reactor.hpp"
#include "net/server_gate.hpp"
#include "net/tls_stream.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace csim {

class ServerEngine;

using ServerConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class ServerConnection final : public Watcher, public Deadline, public ServerConnectionHook {
  public:
    ServerConnection(ServerEngine& engine, int fd, std::string address);
    ~ServerConnection() override;

    void ready(std::uint32_t events) override;
    void expired() override;
    /// The handler's answer to the request that waits.
    void answer(const HttpReply& reply);
    /// Closes at once and retires itself.
    void close(bool politely);
    /// Leaves the engine's list that it is in, if any.
    void leave_list();
    /// When it entered the list that it is in.
    DeadlineWheel::Clock::time_point listed() const { return listed_; }
    void listed_at(DeadlineWheel::Clock::time_point now) { listed_ = now; }

  private:
    enum class State { greeting, shaking_hands, reading, waiting, writing, lingering, closed };

    void greet();
    void shake_hands();
    void receive();
    void feed(std::string_view bytes);
    void request_complete();
    void redirect_to_tls(const HttpRequest& request);
    void refuse(unsigned status, const std::string& sentence);
    void watch_while_waiting(std::uint32_t events);
    void peer_gone();
    void flush();
    void written();
    void linger();
    void drain();
    void await_request();
    void listen_for(std::uint32_t events);

    ServerEngine& engine_;
    TlsStream stream_;
    State state_ = State::greeting;
    bool plain_on_tls_port_ = false;
    bool to_head_ = false;
    bool http_1_0_ = false;
    bool keep_ = true;
    bool asked_ = false;    ///< a whole request has come
    bool refused_ = false;  ///< an answer was made here because of bad input; close after it
    std::uint32_t events_ = 0;
    DeadlineWheel::Clock::time_point listed_{};
    std::size_t sent_ = 0;
    std::shared_ptr<const Peer> peer_;
    std::shared_ptr<Responder::State> waiting_;
    std::unique_ptr<RequestReader> reader_;  ///< from the first byte of a request to its last
    std::string unread_;                     ///< read from the socket and not yet by the reader
    std::string out_;
};

using ServerConnectionList = boost::intrusive::list<
    ServerConnection, boost::intrusive::base_hook<ServerConnectionHook>,
    boost::intrusive::constant_time_size<false>>;

}  // namespace csim
