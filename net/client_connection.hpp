// One client connection: connecting, shaking hands, then one request at a time. Decides nothing about other
// connections; tells the engine what happened.
#pragma once

#include "net/http_reader.hpp"
#include "net/reactor.hpp"
#include "net/tls_stream.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace csim {

class ClientEngine;
struct ClientLane;

class ClientConnection final
    : public Watcher,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    /// Takes over a descriptor that is connecting.
    ClientConnection(ClientEngine& engine, ClientLane& lane, int fd);
    ~ClientConnection() override;

    /// Requires: ready for a request, or done with the last one. The lane's head is sent.
    void start_request();
    void ready(std::uint32_t events) override;
    /// Tells nobody. No further call reaches the engine.
    void close(bool politely);

    ClientLane& lane() { return lane_; }
    bool is_connecting() const { return state_ == State::connecting || state_ == State::shaking_hands; }
    bool is_busy() const { return state_ == State::sending || state_ == State::receiving; }
    bool was_used() const { return replies_ > 0; }
    bool hibernates() const { return stream_.hibernates(); }
    /// It was opened in the place of another and has not proved useful since.
    bool is_guest() const { return guest_ && replies_ < 2; }
    void be_guest() { guest_ = true; }
    DeadlineWheel::Clock::time_point idle_since() const { return idle_since_; }
    void idle_from(DeadlineWheel::Clock::time_point now) { idle_since_ = now; }

  private:
    enum class State { connecting, shaking_hands, idle, sending, receiving, closed };

    void finish_connecting();
    void shake_hands();
    void send_more();
    void receive();
    /// False when the connection's fate is decided and it must not be touched.
    bool feed(std::string_view bytes);
    void hibernate();
    void ended();
    void fail(const std::string& what);
    void listen_for(std::uint32_t events);

    ClientEngine& engine_;
    ClientLane& lane_;
    TlsStream stream_;
    State state_ = State::connecting;
    bool guest_ = false;
    std::uint32_t events_ = 0;
    std::uint32_t replies_ = 0;
    std::size_t sent_ = 0;
    DeadlineWheel::Clock::time_point idle_since_{};
    std::unique_ptr<ReplyReader> reader_;  ///< from the first byte of a reply to its last
    std::string unread_;                   ///< what the reader wants to see again
};

using ConnectionList = boost::intrusive::list<ClientConnection, boost::intrusive::constant_time_size<false>>;

}  // namespace csim
