// The routines that look for a limit by growing.
#include "benchmark/routines/filesystem.hpp"
#include "benchmark/routines/routine.hpp"

namespace csim {

void run_filesystem_size_limit(Bench& bench, Outcome& outcome) {
    search_limit(bench, outcome, {true, [](Bench& on, int size, Step& step) {
                                      make_filesystem(on, size, false, step);
                                  }});
}

void run_concurrent_registration_limit(Bench& bench, Outcome& outcome) {
    constexpr int volumes_per_server = 2;
    search_limit(bench, outcome, {true, [](Bench& on, int size, Step& step) {
                                      const double began = steady_seconds();
                                      on.grow_to(size, true, volumes_per_server);
                                      step.details["setup_seconds"] = steady_seconds() - began;
                                  }});
}

void run_server_count_limit(Bench& bench, Outcome& outcome) {
    constexpr int volumes_per_server = 4;
    search_limit(
        bench, outcome,
        {false,
         [](Bench& on, int size, Step& step) {
             const double began = steady_seconds();
             const std::size_t before = on.fqdns().size();
             on.grow_to(size, true, volumes_per_server);
             for (std::size_t i = before; i < on.fqdns().size(); ++i)
                 on.cluster("set_log_rate", Json::array({on.fqdns()[i], on.options().log_rate}));
             step.details["setup_seconds"] = steady_seconds() - began;
         }}
    );
}

}  // namespace csim
