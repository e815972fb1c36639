// What a benchmark program measured, as a table for people and as JSON for programs (design.md §6, `dev
// bench`).
#pragma once

#include "benchmark/repeated_runs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace csim {

/// One measured number against its target and against what others reach.
struct Figure {
    enum class Better { lower, higher };

    std::string name;  ///< snake_case
    double value = 0;
    std::string unit;
    std::optional<double> target;
    Better better = Better::lower;
    std::optional<double> peer;                 ///< the same quantity of whoever it is compared with
    std::optional<std::string> peer_name = {};  ///< with its version
    std::optional<Spread> spread = {};          ///< over the runs that `value` is the median of
    std::optional<Spread> peer_spread = {};
};

class BenchReport {
  public:
    /// `command` is how to measure this again.
    void add_command(std::string command) { commands_.push_back(std::move(command)); }
    void add(Figure figure) { figures_.push_back(std::move(figure)); }

    bool all_met() const;
    std::string table() const;
    /// Keys `machine`, `commands`, `figures` with `name`, `value`, `unit`, `target`, `met`, `peer`, `ratio`
    /// (how many times better than the peer); what is unknown is null. Also `peer_name`, and `spread` and
    /// `peer_spread` (`low`, `high`, `runs`) where there were several runs.
    std::string json() const;

    /// Prints the table, and writes the JSON if the arguments hold `--json FILE`. Throws Fatal if it cannot.
    void deliver(const std::vector<std::string>& arguments) const;

  private:
    std::vector<std::string> commands_;
    std::vector<Figure> figures_;
};

/// Processor, memory and system, in one line.
std::string machine_text();

/// The value after `--name`, or nullopt.
std::optional<std::string> bench_option(const std::vector<std::string>& arguments, const std::string& name);

}  // namespace csim
