// A manager of its own and the benchmark as a program against it.
#pragma once

#include "core/json_codec.hpp"
#include "tests/programs/stage.hpp"

#include <string>

namespace csim {

inline std::string benchmark_path() {
    return std::string(CSIM_BIN_DIR) + "/cluster-sim-benchmark";
}

class BenchmarkStage {
  public:
    explicit BenchmarkStage(const Words& manager_options = {}) { stage.start_manager(manager_options); }

    /// On machines that are busy the benchmark is often late; most tests are not about that, and let it be.
    Words words(const Words& more) const {
        return strict_words({"--lateness_limit", "1h", "--lag_limit", "1h"}) + more;
    }
    Words strict_words(const Words& more) const {
        return Words{benchmark_path(), "--url", stage.url(), "--warm_up", "0s", "--json", report_path()} +
               more;
    }
    Ended run(const Words& more) const { return run_program({words(more)}); }
    std::string report_path() const { return (stage.folder / "report.json").string(); }
    Json report() const {
        const auto read = parse_json(text_of(report_path()));
        return read ? *read : Json::object();
    }
    std::string resource() const {
        const Json told = report();
        return told.contains("limiting_resource") ? told["limiting_resource"].value("name", "") : "";
    }

    Stage stage;
};

}  // namespace csim
