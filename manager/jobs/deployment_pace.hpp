// Which new hosts are set up now. A set-up costs several times what a registration does, so that in a storm
// of registrations set-ups wait until it is over, which is the sooner for it.
#pragma once

#include "core/timeline.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace csim {

struct DeploymentPaceOptions {
    std::size_t storm_above = 64;  ///< newcomers in a second
    Duration calm = 3s;            ///< a storm ends when there were fewer for so long
    Duration patience = 60s;       ///< nobody waits longer, storm or not
    std::size_t at_once = 16;      ///< at most so many start each `pause`
    Duration pause = 50ms;
};

class DeploymentPace {
  public:
    /// `look`: next() may have something again.
    DeploymentPace(Timeline& timeline, std::function<void()> look, DeploymentPaceOptions options = {});
    ~DeploymentPace();
    DeploymentPace(const DeploymentPace&) = delete;

    /// A new host, and those jobs of its set-up that wait for no other job.
    void arrived(const std::vector<std::int64_t>& jobs);
    /// A job that may start now, each once, in the order of arrival.
    std::optional<std::int64_t> next();
    /// The job is never to start.
    void drop(std::int64_t job);
    std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Waiting {
        std::int64_t job;
        SimTime since;
    };
    void wake_at(SimTime when);

    Timeline& timeline_;
    std::function<void()> look_;
    DeploymentPaceOptions options_;
    std::deque<Waiting> waiting_;
    std::deque<SimTime> arrivals_;  ///< those of the last second
    SimTime storm_until_{};
    SimTime batch_began_{};
    std::size_t in_batch_ = 0;
    EventId timer_;
    bool armed_ = false;
};

}  // namespace csim
