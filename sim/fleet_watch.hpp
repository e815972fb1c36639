// What happens inside the agents of a fleet, counted for all of them together.
#pragma once

#include "agent_proto/agent_watch.hpp"
#include "core/duration_histogram.hpp"

#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>

namespace csim {

BOOST_DESCRIBE_ENUM(SessionEnd, manager_said_so, replaced, poll_failed, post_failed, plugin_failed, stopped)

class FleetWatch final : public AgentWatch {
  public:
    void session_opened(std::string_view, std::string_view) override { ++opened_; }
    void session_ended(std::string_view, SessionEnd reason) override {
        ++ended_[static_cast<std::size_t>(reason)];
    }
    void woke(Duration late) override { lateness_.add(late); }
    void post_answered(Duration took) override { posts_.add(took); }

    /// Since the start, as everything here.
    std::uint64_t sessions_opened() const { return opened_; }
    std::uint64_t sessions_ended(SessionEnd reason) const { return ended_[static_cast<std::size_t>(reason)]; }
    /// How late polls and session requests came after the time they were due.
    const DurationHistogram& lateness() const { return lateness_; }
    /// From a post to its answer.
    const DurationHistogram& posts() const { return posts_; }

  private:
    std::uint64_t opened_ = 0;
    std::array<std::uint64_t, 6> ended_{};
    DurationHistogram lateness_;
    DurationHistogram posts_;
};

}  // namespace csim
