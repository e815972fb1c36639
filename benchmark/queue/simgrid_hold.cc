// The hold model on SimGrid's timers; prints events per CPU second. Built by peers.sh against Debian's SimGrid.
// One actor sleeps throughout, because the engine stops when there is none.
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

static std::vector<double> spans(1 << 16);
static unsigned long next_span = 0, run = 0, warm_up = 0, holds = 0;
static double started = 0;

static double cpu_seconds() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

static void hold() {
    ++run;
    if (run == warm_up) started = cpu_seconds();
    if (run == warm_up + holds) {
        std::printf("%f\n", double(holds) / (cpu_seconds() - started));
        std::fflush(stdout);
        std::_Exit(0);
    }
    const double at = simgrid::s4u::Engine::get_clock() + spans[next_span++ % spans.size()];
    simgrid::kernel::timer::Timer::set(at, [] { hold(); });
}

int main(int count, char** arguments) {
    simgrid::s4u::Engine engine(&count, arguments);
    const unsigned long pending = std::strtoul(arguments[1], nullptr, 10);
    holds = std::strtoul(arguments[2], nullptr, 10);
    warm_up = pending;
    std::mt19937_64 random(1);
    std::exponential_distribution<double> draw(1.0);
    for (double& span : spans) span = draw(random);
    auto* zone = simgrid::s4u::create_full_zone("zone");
    auto* host = zone->create_host("host", 1e9);
    zone->seal();
    simgrid::s4u::Actor::create("sleeper", host, [] { simgrid::s4u::this_actor::sleep_for(1e9); });
    for (unsigned long i = 0; i < pending; ++i)
        simgrid::kernel::timer::Timer::set(spans[next_span++ % spans.size()], [] { hold(); });
    engine.run();
}
