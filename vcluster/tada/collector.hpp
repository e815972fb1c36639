// The receiving side without its socket: datagrams in, runs out. It outlives whatever it is sent.
#pragma once

#include "vcluster/tada/run.hpp"

#include <functional>
#include <map>

namespace csim {

/// What happens with runs. `complain` gets a sentence for the log.
struct TadaListener {
    std::function<void(const TadaRun&)> begun;
    std::function<void(const TadaRun&, const TadaAssertion&)> evaluated;
    std::function<void(const TadaRun&)> finished;
    std::function<void(const std::string& level, const std::string&)> complain;
};

/// At most 10,000 runs are open at a time; the ones that have been silent for longest are given up first.
class TadaCollector {
  public:
    explicit TadaCollector(TadaListener listener) : listener_(std::move(listener)) {}

    /// `now` in seconds since 1970.
    void receive(const std::string& bytes, const std::string& address, std::uint16_t port, std::int64_t now);
    /// Ends runs that have been silent since before `before`.
    void give_up(std::int64_t before);
    std::size_t open() const { return open_.size(); }

  private:
    struct Open {
        TadaRun run;
        std::int64_t heard = 0;
    };
    void start(const std::string& key, const TadaMessage& message);
    Open& find(const std::string& key, const TadaMessage& message);

    TadaListener listener_;
    std::map<std::string, Open> open_;
    std::map<std::string, std::int64_t> over_;  ///< runs that have ended, and when, so that they stay so
};

}  // namespace csim
