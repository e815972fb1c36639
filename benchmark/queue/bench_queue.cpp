// The hold model: a queue of N pending events, each of which is popped, run, and inserted again later by an
// exponentially distributed span. Rates are per CPU second, because the machine may be shared.
#include "benchmark/bench_report.hpp"
#include "benchmark/repeated_runs.hpp"
#include "core/event_queue.hpp"
#include "core/result.hpp"
#include "core/rng.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <queue>

using namespace csim;

namespace {

struct Scale {
    const char* name;
    std::uint64_t pending;
    std::uint64_t holds;       ///< per run of ours and of the heap
    std::uint64_t peer_holds;  ///< peers are slower; 0 leaves them out
    std::optional<double> target;
};

constexpr Scale scales[] = {
    {"1k", 1'000, 4'000'000, 500'000, {}},
    {"100k", 100'000, 4'000'000, 300'000, 10e6},
    {"1m", 1'000'000, 2'000'000, 0, 3e6},
};

std::uint64_t events_run = 0;
void count_event(void*, std::uint64_t argument) {
    events_run += argument;
}

/// The same spans for all, drawn before the clock starts; mean one second.
class Spans {
  public:
    Spans() : spans_(std::size_t(1) << 16) {
        Rng rng(1);
        for (Duration& span : spans_) span = Duration(std::int64_t(-std::log(1 - rng.unit()) * 1e9));
    }
    Duration next() { return spans_[next_++ % spans_.size()]; }

  private:
    std::vector<Duration> spans_;
    std::size_t next_ = 0;
};

class OurQueue {
  public:
    void insert(const Event& event) { queue_.insert(event); }
    Event pop() { return *queue_.pop_next(); }
    std::size_t memory_bytes() const { return queue_.memory_bytes(); }

  private:
    EventQueue queue_;
};

/// What the standard library offers; no cancellation.
class BinaryHeap {
  public:
    void insert(const Event& event) { heap_.push({event, sequence_++}); }
    Event pop() {
        const Event event = heap_.top().event;
        heap_.pop();
        return event;
    }

  private:
    struct Entry {
        Event event;
        std::uint64_t sequence;
        bool operator>(const Entry& other) const {
            return event.due != other.event.due ? event.due > other.event.due : sequence > other.sequence;
        }
    };
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
    std::uint64_t sequence_ = 0;
};

/// A queue filled once, and held in its steady state over all runs.
template <class Queue>
class HoldModel {
  public:
    explicit HoldModel(std::uint64_t pending) {
        for (std::uint64_t i = 0; i < pending; ++i)
            queue_.insert({SimTime{} + spans_.next(), count_event, this, 1});
        hold(2 * pending);
    }
    double events_per_second(std::uint64_t holds) {
        const double before = cpu_seconds();
        hold(holds);
        return double(holds) / (cpu_seconds() - before);
    }
    const Queue& queue() const { return queue_; }

  private:
    void hold(std::uint64_t holds) {
        for (std::uint64_t i = 0; i < holds; ++i) {
            const Event event = queue_.pop();
            event.run(event.context, event.argument);
            queue_.insert({event.due + spans_.next(), event.run, event.context, event.argument});
        }
    }
    Spans spans_;
    Queue queue_;
};

struct Peer {
    std::string label;
    std::string command;
};

/// Lines `label|command` that peers.sh left; none without it.
std::vector<Peer> read_peers(const std::string& folder) {
    std::vector<Peer> peers;
    std::ifstream in(folder + "/peers.txt");
    for (std::string line; std::getline(in, line);)
        if (const std::size_t bar = line.find('|'); bar != std::string::npos)
            peers.push_back({line.substr(0, bar), line.substr(bar + 1)});
    return peers;
}

std::string peer_command(const Peer& peer, const Scale& scale) {
    return peer.command + ' ' + std::to_string(scale.pending) + ' ' + std::to_string(scale.peer_holds);
}

/// Peers print the events per CPU second that they measured themselves.
double run_peer(const std::string& command) {
    FILE* const out = popen(command.c_str(), "r");
    double rate = 0;
    const bool read = out && std::fscanf(out, "%lf", &rate) == 1;
    if (!out || pclose(out) != 0 || !read) throw Fatal("the peer failed: " + command);
    return rate;
}

/// `ns-3 3.37` is `ns-3` in the names of figures.
std::string short_name(const std::string& label) {
    std::string name = label.substr(0, label.find(' '));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

void measure(BenchReport& report, const Scale& scale, const std::vector<Peer>& peers, int runs) {
    HoldModel<OurQueue> ours(scale.pending);
    HoldModel<BinaryHeap> heap(scale.pending);
    std::vector<std::function<double()>> measurements{
        [&] { return ours.events_per_second(scale.holds); },
        [&] { return heap.events_per_second(scale.holds); },
    };
    std::vector<std::string> labels{"", "heap (std::priority_queue)"};
    if (scale.peer_holds > 0)
        for (const Peer& peer : peers) {
            const std::string command = peer_command(peer, scale);
            report.add_command(command);
            labels.push_back(peer.label);
            measurements.push_back([command] { return run_peer(command); });
        }
    const auto spreads = alternate(runs, measurements);
    for (std::size_t i = 1; i < spreads.size(); ++i) {
        const std::string beside = i == 1 ? "" : "_beside_" + short_name(labels[i]);
        report.add({
            std::string("events_per_second_") + scale.name + beside,
            spreads[0].median,
            "events/CPU second",
            scale.target,
            Figure::Better::higher,
            spreads[i].median,
            labels[i],
            spreads[0],
            spreads[i],
        });
    }
    const double bytes = double(ours.queue().memory_bytes()) / double(scale.pending);
    report.add({std::string("bytes_per_event_") + scale.name, bytes, "bytes", {}, Figure::Better::lower, {}});
}

int run(const std::vector<std::string>& arguments) {
    const int runs = std::max(1, std::atoi(bench_option(arguments, "--runs").value_or("5").c_str()));
    const std::vector<Peer> peers = read_peers(bench_option(arguments, "--peers").value_or(""));
    BenchReport report;
    report.add_command("./dev bench queue --runs " + std::to_string(runs));
    for (const Scale& scale : scales) measure(report, scale, peers, runs);
    report.deliver(arguments);
    return report.all_met() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    return run({argv + 1, argv + argc});
} catch (const std::exception& error) {
    std::cerr << "bench_queue: " << error.what() << '\n';
    return 1;
}
