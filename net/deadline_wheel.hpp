// Time-outs by the ten thousand: arming and cancelling cost a few pointer writes, expiry is a tick late at
// most.
#pragma once

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace csim {

/// Something that gives up at a point of the steady clock. Cancels itself when destroyed.
class Deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::tag<class DeadlineTag>,
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    virtual ~Deadline() = default;
    /// The time is over. May arm again, cancel others and destroy itself.
    virtual void expired() = 0;
    void disarm() {
        if (is_linked()) unlink();
    }

  private:
    friend class DeadlineWheel;
    std::uint64_t due_tick_ = 0;
};

/// One thread only.
class DeadlineWheel {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr auto tick = std::chrono::milliseconds(25);

    explicit DeadlineWheel(Clock::time_point now) : start_(now) {}

    /// Replaces what was armed before. Expires not before `now + span`.
    void arm(Deadline& deadline, Clock::time_point now, std::chrono::nanoseconds span);
    /// Expires what is due.
    void advance(Clock::time_point now);
    /// How long to sleep before the next advance. Looks a few ticks ahead only, to stay cheap.
    std::chrono::milliseconds until_next(Clock::time_point now) const;

  private:
    using Slot = boost::intrusive::list<
        Deadline,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<
            boost::intrusive::tag<class DeadlineTag>,
            boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
        boost::intrusive::constant_time_size<false>>;

    std::uint64_t tick_of(Clock::time_point at) const;
    void run_slot(std::uint64_t tick);

    Clock::time_point start_;
    std::uint64_t current_ = 0;  ///< everything up to here has been run
    std::array<Slot, 4096> slots_;
};

}  // namespace csim
