// The hold model on ns-3's simulator; prints events per CPU second. Built by peers.sh against Debian's ns-3.
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

static std::vector<long> spans(1 << 16);
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
        ns3::Simulator::Stop();
        return;
    }
    ns3::Simulator::Schedule(ns3::NanoSeconds(spans[next_span++ % spans.size()]), &hold);
}

int main(int, char** arguments) {
    const unsigned long pending = std::strtoul(arguments[1], nullptr, 10);
    holds = std::strtoul(arguments[2], nullptr, 10);
    warm_up = pending;
    std::mt19937_64 random(1);
    std::exponential_distribution<double> draw(1e-9);
    for (long& span : spans) span = long(draw(random));
    for (unsigned long i = 0; i < pending; ++i)
        ns3::Simulator::Schedule(ns3::NanoSeconds(spans[next_span++ % spans.size()]), &hold);
    ns3::Simulator::Run();
    ns3::Simulator::Destroy();
}
