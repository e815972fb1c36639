// The numbers of one target as a function of time: what its clients have done since it was formatted.
#pragma once

#include "core/rng.hpp"
#include "fakes/counter_table.hpp"
#include "fakes/target_labels.hpp"
#include "fakes/workload_model.hpp"
#include "wire/reports/target_metrics.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace csim {

/// Requests of two sizes, so that sums always lie between count * smallest and count * largest.
struct Requests {
    std::int64_t small = 0;  ///< of 4 kB
    std::int64_t large = 0;  ///< of 1 MB

    static constexpr std::int64_t small_bytes = 4096;
    static constexpr std::int64_t large_bytes = 1048576;

    std::int64_t count() const { return small + large; }
    std::int64_t bytes() const { return small * small_bytes + large * large_bytes; }
    Requests percent(std::int64_t share) const { return {small * share / 100, large * share / 100}; }
};

struct TargetSize {
    std::int64_t bytes = 0;
    std::int64_t inodes = 0;
};

/// Histograms by how much the original's counts are scaled, shared by all targets of a world.
class HistogramShelf {
  public:
    /// For an OST that has served this many write requests. Never falls as they grow.
    std::shared_ptr<const Histograms> for_requests(std::int64_t writes);
    std::shared_ptr<const Histograms> original();

  private:
    std::map<int, std::shared_ptr<const Histograms>> by_level_;
    std::shared_ptr<const Histograms> original_;
};

/// Pure: equal construction and equal instant give equal numbers.
class TargetWorkload {
  public:
    TargetWorkload() = default;
    TargetWorkload(
        TargetKind kind, const Workload& workload, TargetSize size, std::int64_t began_unix_s, Rng stream
    );

    /// Writes every number of the target at that second into `metrics`, which is new or was filled by this
    /// before.
    void fill(TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts, HistogramShelf& histograms)
        const;

  private:
    using Drivers = std::array<std::int64_t, static_cast<std::size_t>(Driver::drivers)>;

    void draw_rates(const Workload& workload, Rng& stream);
    void fill_ost(
        TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts, HistogramShelf& histograms
    ) const;
    void fill_mdt(TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts) const;
    void fill_space(TargetMetrics& metrics, std::int64_t kept_kbytes, std::int64_t kept_files) const;
    void fill_classic_ost_space(TargetMetrics& metrics, std::int64_t unix_s) const;
    void fill_classic_mdt_space(TargetMetrics& metrics, std::int64_t unix_s) const;
    void fill_jobs(TargetMetrics& metrics, std::int64_t unix_s, const Requests& reads, const Requests& writes)
        const;
    std::int64_t wander(
        std::int64_t unix_s, std::uint64_t salt, std::int64_t start, std::int64_t step, std::int64_t max
    ) const;
    Requests reads_at(std::int64_t unix_s) const;
    Requests writes_at(std::int64_t unix_s) const;

    TargetKind kind_ = TargetKind::mgs;
    bool classic_ = false;
    std::int64_t kept_percent_ = 0;
    TargetSize size_;
    std::int64_t began_ = 0;
    Activity reading_;
    Activity writing_;
    std::int64_t reading_began_ = 0;
    std::int64_t writing_began_ = 0;
    Rate small_reads_, large_reads_, small_writes_, large_writes_, operations_;
    std::array<std::string, 2> jobs_;
};

}  // namespace csim
