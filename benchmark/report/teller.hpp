// Tells a person what goes on: log lines, and on a terminal one line that is redrawn every second.
#pragma once

#include "benchmark/measure/interval.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace csim {

/// `p99 12 ms  queues 3  sessions 56 …` in at most `width` columns.
std::string live_line(const Interval& last, const std::string& routine, int width);

class Teller {
  public:
    /// `last` is asked every second, on a thread of the teller's own, if `out` is a terminal.
    Teller(
        std::ostream& out, bool terminal, std::string routine, std::function<std::optional<Interval>()> last
    );
    ~Teller();

    /// A line that stays.
    void say(const std::string& line);
    std::vector<std::string> lines() const;

  private:
    void draw();

    std::ostream& out_;
    const bool terminal_;
    const std::string routine_;
    const std::function<std::optional<Interval>()> last_;
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::vector<std::string> lines_;
    std::thread thread_;
};

}  // namespace csim
