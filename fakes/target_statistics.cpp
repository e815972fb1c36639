#include "fakes/target_statistics.hpp"

#include "fakes/fake_targets.hpp"
#include "fakes/target_workload.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace csim {

namespace {

bool same(const std::optional<HsmMetrics>& one, const std::optional<HsmMetrics>& other) {
    if (!one || !other) return one.has_value() == other.has_value();
    const auto numbers = [](const HsmMetrics& hsm) {
        return std::array{hsm.agents.total,    hsm.agents.busy,       hsm.agents.idle,    hsm.actions.waiting,
                          hsm.actions.running, hsm.actions.succeeded, hsm.actions.errored};
    };
    return numbers(*one) == numbers(*other);
}

}  // namespace

struct TargetStatistics::Entry {
    const TargetState* state = nullptr;
    std::uint64_t generation = 0;
    std::string uuid;
    std::string fsname;
    bool coordinated = false;  ///< the MDT that shows the coordinator
    TargetWorkload workload;
    std::int64_t second = -1;
    std::int64_t mounts = 0;
    std::optional<HsmMetrics> hsm;
    std::shared_ptr<TargetMetrics> metrics;
};

TargetStatistics::TargetStatistics(
    const FakeTargets& targets, const FakeDevices& devices, const Rng& run, Workload workload
)
    : targets_(targets), devices_(devices), run_(run), workload_(workload) {}

TargetStatistics::~TargetStatistics() = default;

bool TargetStatistics::refresh(Entry& entry, const std::string& serial) {
    entry.state = targets_.find(serial);
    entry.generation = targets_.generation();
    if (entry.state == nullptr) return false;
    const auto& state = *entry.state;
    if (entry.uuid == state.uuid) return true;
    entry.uuid = state.uuid;
    entry.fsname = state.fsname.value_or("");
    entry.coordinated = state.label.ends_with("-MDT0000");
    entry.second = -1;
    entry.metrics = nullptr;
    const TargetSize size{devices_.find_volume(serial)->size, state.inode_count};
    entry.workload = TargetWorkload(
        kind_of_label(state.label).value_or(TargetKind::mgs), workload_, size,
        unix_seconds(state.formatted_at), run_.stream("target-stats/" + state.uuid)
    );
    return true;
}

std::shared_ptr<const TargetMetrics> TargetStatistics::of(const std::string& serial, SimTime now) {
    auto& place = entries_[serial];
    if (!place) place = std::make_unique<Entry>();
    auto& entry = *place;
    if (entry.generation != targets_.generation() || entry.state == nullptr) {
        if (!refresh(entry, serial)) {
            entries_.erase(serial);
            return nullptr;
        }
    }
    const auto second = unix_seconds(now);
    const auto mounts = mounts_of && !entry.fsname.empty() ? mounts_of(entry.fsname) : 0;
    auto hsm = hsm_of && entry.coordinated ? hsm_of(entry.fsname) : std::nullopt;
    if (entry.second == second && entry.mounts == mounts && same(entry.hsm, hsm)) return entry.metrics;
    entry.second = second;
    entry.mounts = mounts;
    entry.hsm = hsm;
    // Nobody else holds the last report's numbers: their memory is used again. The fence pairs with the
    // release of whoever let go last, perhaps on another thread.
    if (entry.metrics != nullptr && entry.metrics.use_count() == 1) {
        std::atomic_thread_fence(std::memory_order_acquire);
    } else {
        entry.metrics = std::make_shared<TargetMetrics>();
    }
    entry.workload.fill(*entry.metrics, second, mounts, histograms_);
    entry.metrics->hsm = entry.hsm;
    return entry.metrics;
}

}  // namespace csim
