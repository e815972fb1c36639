// Makes a failing case smaller for as long as it fails in the same way.
#include "sim/explore/swarm.hpp"

#include <algorithm>
#include <numeric>

namespace csim {
namespace {

class Shrinker {
  public:
    Shrinker(
        SwarmCase from, const std::function<bool(const SwarmCase&)>& fails, int runs_max,
        const std::function<void(const SwarmCase&)>& told
    )
        : best_(std::move(from)), fails_(fails), runs_left_(runs_max), told_(told) {
        if (best_.keep) return;
        std::vector<std::size_t> all(swarm_faults(best_.seed));
        std::iota(all.begin(), all.end(), std::size_t{0});
        best_.keep = std::move(all);
    }

    /// Servers first: among many faults a smaller fleet is more likely to meet the same failure somewhere.
    SwarmCase run() {
        fewer_servers();
        fewer_faults();
        fewer_servers();
        fewer_faults();
        return best_;
    }

  private:
    bool try_case(SwarmCase candidate) {
        if (runs_left_ <= 0) return false;
        --runs_left_;
        if (!fails_(candidate)) return false;
        best_ = std::move(candidate);
        if (told_) told_(best_);
        return true;
    }

    /// Leaves out pieces, the large ones first; a piece that can go makes the rest be tried again.
    void fewer_faults() {
        std::size_t piece = std::max<std::size_t>(best_.keep->size() / 2, 1);
        while (runs_left_ > 0 && !best_.keep->empty()) {
            bool smaller = false;
            for (std::size_t at = 0; at < best_.keep->size() && runs_left_ > 0;) {
                SwarmCase candidate = best_;
                auto& keep = *candidate.keep;
                const std::size_t end = std::min(at + piece, keep.size());
                keep.erase(
                    keep.begin() + static_cast<std::ptrdiff_t>(at),
                    keep.begin() + static_cast<std::ptrdiff_t>(end)
                );
                if (try_case(std::move(candidate)))
                    smaller = true;
                else
                    at = end;
            }
            if (piece == 1 && !smaller) return;
            piece = std::max<std::size_t>(piece / 2, 1);
        }
    }

    void fewer_servers() {
        const int now = swarm_scenario(best_).setup.server_count;
        for (int servers = 1; servers < now && runs_left_ > 0;
             servers = servers < 4 ? servers + 1 : servers * 2) {
            SwarmCase candidate = best_;
            candidate.servers = servers;
            if (try_case(std::move(candidate))) return;
        }
    }

    SwarmCase best_;
    const std::function<bool(const SwarmCase&)>& fails_;
    int runs_left_;
    const std::function<void(const SwarmCase&)>& told_;
};

}  // namespace

SwarmCase shrink(
    SwarmCase from, const std::function<bool(const SwarmCase&)>& fails, int runs_max,
    const std::function<void(const SwarmCase&)>& told
) {
    return Shrinker(std::move(from), fails, runs_max, told).run();
}

}  // namespace csim
