// The inside of the driver. Included by its units only.
#pragma once

#include "connections/engine/driver.hpp"
#include "connections/engine/identity_maker.hpp"
#include "connections/engine/secret_table.hpp"
#include "connections/engine/timer_wheel.hpp"
#include "connections/http/h1_reply.hpp"
#include "connections/http/h2_session.hpp"
#include "connections/http/request_text.hpp"
#include "connections/tls/channel.hpp"
#include "connections/tls/sessions.hpp"
#include "net/socket.hpp"

#include <deque>

namespace csim::connections {

enum class State : std::uint8_t { unborn, connecting, handshaking, ready, waiting, queued, dead };

/// What an HTTP/2 session told while it was fed; looked at afterwards, for then it may be closed.
struct Heard final : H2Events {
    void answered(const H2Answer& answer) override { answers.push_back(answer); }
    void first_bytes(std::int32_t stream) override { first = stream; }
    void going_away(std::uint32_t code, std::int32_t last) override {
        away = true, away_code = code, last_stream = last;
    }

    std::vector<H2Answer> answers;
    std::int32_t first = 0, last_stream = 0;
    std::uint32_t away_code = 0;
    bool away = false;
};

/// The awake part of a connection.
struct Live {
    Live(ChannelTools& tools, int fd, TlsState& tls) : channel(tools, fd, tls) {}
    Channel channel;
    H1Reply reply;
    Heard heard;
    std::unique_ptr<H2Session> h2;  ///< tells `heard`
    Nanos due = 0, sent = 0;
    std::int32_t stream = 0;
    bool outstanding = false;
    bool had_first_byte = false;
    bool counted = false;       ///< the request became due within the hold
    std::uint8_t timeouts = 0;  ///< one after the other
    std::uint8_t retries = 0;
    Reason leaving = Reason::none;  ///< to be closed once nothing is outstanding
    std::uint32_t leaving_code = 0;
};

/// All that is kept of a connection. Lives in the secret table.
struct Slot {
    TlsState tls;
    std::unique_ptr<Live> live;
    SavedSession session;
    Nanos since = 0;     ///< when the present state was entered; held: when it became ready
    Nanos next_due = 0;  ///< of the next request; 0: not scheduled yet
    Nanos lost_at = 0;   ///< 0: it was never held
    Nanos free_at = 0;   ///< since when it could have sent a request
    Nanos pinged_at = 0;
    int fd = -1;
    std::uint32_t step = 0;  ///< requests that became due
    H2Idle h2;
    std::uint16_t generation = 0;
    State state = State::unborn;
    bool over_h2 = false;
    bool confirmed = false;
    bool watching_output = false;
    bool may_freeze = true;
    bool in_flight = false;
    std::uint8_t attempts = 0;
    std::uint8_t reopened = 0;
    bool hibernated = false;
};

struct Driver::Impl {
    Impl(const Plan& plan, const Share& share, Clock clock);
    ~Impl();

    // driver.cpp: the loop
    void step(Nanos limit);
    void dispatch(std::uint64_t data, std::uint32_t events);
    void expired(std::uint32_t i);
    void open_more();
    void churn_some();
    void note_second();
    void refresh_gauges();

    // driver_open.cpp: from nothing to ready
    void open(std::uint32_t i);
    void on_connected(std::uint32_t i);
    void shake_hands(std::uint32_t i);
    void become_ready(std::uint32_t i);
    bool choose_protocol(Slot& slot);
    void leave_window(Slot& slot);
    void hand_over(std::uint32_t i);
    SavedSession& session_of(Slot& slot) {
        return plan.resume == Resume::shared ? shared_session : slot.session;
    }

    // driver_requests.cpp: what is said while it is held
    void settle(std::uint32_t i);
    void send_request(std::uint32_t i);
    bool send_h1(Slot& slot, std::uint32_t i);
    bool send_h2(Slot& slot, std::uint32_t i);
    void answered(std::uint32_t i, int status, std::uint64_t body_bytes);
    void first_byte(std::uint32_t i);
    void schedule_next(std::uint32_t i);
    void skip_backlog(std::uint32_t i);
    void request_timed_out(std::uint32_t i);
    void retry(std::uint32_t i);
    void give_up_request(std::uint32_t i);
    Nanos next_event(const Slot& slot) const;
    void prepare_requests();
    RequestValues values_of(std::uint32_t i) { return {index_of(i), slots[i].step, plan.seed}; }
    bool ping_if_due(std::uint32_t i);
    Nanos next_ping(const Slot& slot) const;
    const Target& target_of(std::uint32_t i) const;
    std::uint64_t index_of(std::uint32_t i) const { return share.first + i; }

    // driver_held.cpp: reading, sleeping, losing
    void readable(std::uint32_t i);
    void writable(std::uint32_t i);
    void take_h1(std::uint32_t i, std::string_view plain, bool ended);
    void take_h2(std::uint32_t i, std::string_view plain);
    Live& wake(std::uint32_t i);
    bool try_sleep(std::uint32_t i);
    void make_h2(std::uint32_t i);
    void flush_h2(std::uint32_t i);
    void watch(std::uint32_t i);
    void confirm(std::uint32_t i);
    void close_after(std::uint32_t i, Reason reason, std::uint32_t code);
    void lose(std::uint32_t i, Reason reason, std::uint32_t code = 0);
    void part(std::uint32_t i, Reason reason);
    void enter(Slot& slot, State state);
    void drain();

    const Plan plan;
    const Share share;
    const Clock clock;
    Nanos now;
    ContextPtr context;
    std::unique_ptr<IdentityMaker> identities;  ///< null: all have the same certificate, or none
    ChannelTools tools;
    H2Profiles profiles;
    SecretTable<Slot> slots;
    TimerWheel wheel;
    Pacer pacer;
    const Schedule schedule;
    const Backoff backoff;
    Totals totals;
    std::vector<std::vector<SocketAddress>> addresses;  ///< of each target
    std::vector<std::string> authorities;
    SavedSession shared_session;
    std::deque<std::uint32_t> to_open;
    std::string scratch;
    std::vector<FilledText> paths;  ///< of each target
    FilledText fields, body;
    std::vector<std::pair<std::string, FilledText>> h2_fields;
    std::string filled_path, filled_body;
    H2Fields filled_fields;
    int epoll = -1;
    unsigned in_flight = 0;
    std::uint64_t by_state[7] = {};
    std::uint64_t held = 0, asleep = 0, hibernated = 0;
    const bool at_full_speed =
        plan.cadence == Cadence::think && plan.period.count() == 0 && plan.period_high.count() == 0;
    bool started = false, holding = false, draining = false;
    Nanos hold_start = 0;
    Nanos second_start = 0;
    SpanHistogram lateness_before;
    bool late_loop = false;
    std::uint64_t churn_drawn = 0;
    double churn_owed = 0;
    Nanos churn_at = 0;
};

}  // namespace csim::connections
