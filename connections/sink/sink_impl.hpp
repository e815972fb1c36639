// The inside of the lean server. Included by its units only.
#pragma once

#include "connections/engine/secret_table.hpp"
#include "connections/engine/timer_wheel.hpp"
#include "connections/http/h2_session.hpp"
#include "connections/sink/routes.hpp"
#include "connections/sink/sink.hpp"
#include "connections/tls/channel.hpp"

#include <map>

namespace csim::connections {

/// Requests that came while an HTTP/2 session was fed; answered afterwards.
struct AskedStreams final : H2Events {
    void asked(std::int32_t stream, Request request) override {
        list.emplace_back(stream, std::move(request));
    }
    std::vector<std::pair<std::int32_t, Request>> list;
};

/// An answer that is still to be sent.
struct Pending {
    Nanos at = 0;  ///< INT64_MAX: when somebody publishes
    std::int32_t stream = 0;
    bool keep_open = true;
    Answer answer;
};

struct SinkLive {
    SinkLive(ChannelTools& tools, int fd, TlsState& tls) : channel(tools, fd, tls) {}
    Channel channel;
    H1Request request;
    AskedStreams asked;
    std::unique_ptr<H2Session> h2;
    std::vector<Pending> pending;
    std::string unread;  ///< pipelined bytes behind a request that has not been answered yet
    bool closing = false;
};

struct SinkSlot {
    TlsState tls;
    std::unique_ptr<SinkLive> live;
    Nanos since = 0;
    H2Idle h2;
    std::uint16_t generation = 0;
    bool open = false, shaken = false, over_h2 = false, watching_output = false, may_freeze = true;
    bool faulty = false, hibernated = false;
};

struct Sink::Impl {
    Impl(const SinkOptions& options, Clock clock);
    ~Impl();

    // sink.cpp: the loop, accepting, closing
    void step(Nanos limit);
    void accept_some();
    bool take_over(int fd);
    bool misbehave_at_accept(int fd);
    void pause_accepting();
    void watch(int fd);
    void set_events(int fd, std::uint32_t events);
    void close(int fd, bool politely);
    void expired(int fd);

    // sink_connection.cpp: one connection
    void shake_hands(int fd);
    void readable(int fd);
    void writable(int fd);
    void take_h1(int fd);
    void take_h2(int fd);
    void handle(int fd, std::int32_t stream, Request request);
    void finish(int fd, Pending pending);
    void send_reply(int fd, const Pending& pending);
    bool misbehave(int fd, std::int32_t stream);
    void publish(const std::string& topic, const std::string& body);
    void flush_h2(int fd);
    void go_on(int fd);
    bool try_sleep(int fd);
    SinkLive& wake(int fd);
    bool alive(int fd) const { return slots[static_cast<std::size_t>(fd)].open; }
    SinkSlot& slot(int fd) { return slots[static_cast<std::size_t>(fd)]; }

    const SinkOptions options;
    const Clock clock;
    Nanos now;
    std::string certificate;
    ContextPtr context;
    ChannelTools tools;
    H2Profiles profiles;
    std::size_t connections_max;
    mutable SecretTable<SinkSlot> slots;  ///< by descriptor
    TimerWheel wheel;
    SinkCounts counts;
    std::map<std::string, std::map<int, std::uint16_t>> topics;  ///< who waits: descriptor and generation
    std::string scratch;
    int epoll = -1, listener = -1;
    std::uint16_t port = 0;
    bool accepting = true;
};

}  // namespace csim::connections
