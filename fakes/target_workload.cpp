#include "fakes/target_workload.hpp"

#include <algorithm>
#include <bit>

namespace csim {

namespace {

constexpr std::int64_t inode_bytes = 256;
constexpr std::int64_t mean_file_bytes = 4 << 20;
constexpr std::int64_t large_permille = 950;  ///< of the bytes; the rest moves in small requests
constexpr std::array<std::int64_t, 2> job_percent = {40, 25};
constexpr std::int64_t classic_job_percent = 10;
constexpr std::array job_names = {"cp.0",    "dd.0",        "tar.1000",    "ior.1001",
                                  "rsync.0", "mpirun.1002", "python3.1003"};

/// The original's start values of job statistics.
struct JobStart {
    const char* name;
    JobBytes read;
    JobBytes write;
    std::int64_t setattr;
};
const std::array<JobStart, 2>& classic_jobs() {
    static const std::array<JobStart, 2> jobs = {{
        {"cp.0", {0, "bytes", 0, 0, 0}, {3060, "bytes", 29, 1048576, 220986046}, 3478},
        {"dd.0", {662, "bytes", 106496, 1048576, 671088640}, {640, "bytes", 1048576, 1048576, 671088640}, 1},
    }};
    return jobs;
}

const std::shared_ptr<const std::vector<CounterShape>>& shapes(TargetKind kind) {
    static const auto ost = shapes_of(ost_counters());
    static const auto mdt = shapes_of(mdt_counters());
    return kind == TargetKind::ost ? ost : mdt;
}

/// `values[i]` follows `rows[i]`.
void fill_counters(
    Counters& counters, std::span<const CounterSpec> rows, std::span<const std::int64_t> drivers, bool classic
) {
    counters.values.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& row = rows[i];
        auto& value = counters.values[i];
        const bool starts = classic || row.driver == Driver::constant;
        const bool moves = classic ? row.moves_in_classic : row.permille != 0;
        const auto grown = moves ? drivers[static_cast<std::size_t>(row.driver)] * row.permille / 1000 : 0;
        value.count = (starts ? row.start.count : 0) + grown;
        value.min = row.start.min;
        value.max = row.start.max;
        value.sum = (starts ? row.start.sum : 0) + grown * row.mean;
        value.sumsquare = (starts ? row.start.sumsquare : 0) + grown * row.mean_square;
    }
}

/// The sums of the two byte counters are known exactly.
void set_bytes(Counters& counters, std::size_t index, const Requests& requests, bool classic) {
    const auto& row = ost_counters()[index];
    counters.values[index].sum = (classic ? row.start.sum : 0) + requests.bytes();
}

std::size_t byte_counter(Driver driver) {
    const auto rows = ost_counters();
    const auto found = std::ranges::find_if(rows, [&](const auto& row) {
        return row.driver == driver && row.units == "bytes";
    });
    return static_cast<std::size_t>(found - rows.begin());
}

void set_job_bytes(JobBytes& bytes, const JobBytes& start, const Requests& requests) {
    bytes.samples = start.samples + requests.count();
    bytes.sum = start.sum + requests.bytes();
    bytes.min = start.min;
    bytes.max = start.max;
    if (start.samples != 0 || requests.count() == 0) return;
    bytes.min = requests.small > 0 ? Requests::small_bytes : Requests::large_bytes;
    bytes.max = requests.large > 0 ? Requests::large_bytes : Requests::small_bytes;
}

}  // namespace

std::shared_ptr<const Histograms> HistogramShelf::original() {
    if (!original_) original_ = std::make_shared<const Histograms>(scaled_histograms(1, 1));
    return original_;
}

std::shared_ptr<const Histograms> HistogramShelf::for_requests(std::int64_t writes) {
    const int level = std::bit_width(static_cast<std::uint64_t>(writes)) - 1;
    auto& shelf = by_level_[level];
    if (!shelf) {
        const auto requests = writes == 0 ? 0 : std::int64_t{1} << std::clamp(level, 0, 42);
        shelf = std::make_shared<const Histograms>(scaled_histograms(requests, histogram_requests));
    }
    return shelf;
}

TargetWorkload::TargetWorkload(
    TargetKind kind, const Workload& workload, TargetSize size, std::int64_t began_unix_s, Rng stream
)
    : kind_(kind),
      classic_(workload.profile == Workload::Profile::classic),
      kept_percent_(workload.kept_percent),
      size_(size),
      began_(began_unix_s),
      reading_(stream.stream("reads")),
      writing_(stream.stream("writes")),
      reading_began_(reading_.at(began_unix_s)),
      writing_began_(writing_.at(began_unix_s)) {
    draw_rates(workload, stream);
    const auto first = stream.between(std::int64_t{0}, std::int64_t{job_names.size() - 1});
    const auto apart = stream.between(std::int64_t{1}, std::int64_t{job_names.size() - 1});
    jobs_[0] = job_names[static_cast<std::size_t>(first)];
    jobs_[1] = job_names[static_cast<std::size_t>(first + apart) % job_names.size()];
}

void TargetWorkload::draw_rates(const Workload& workload, Rng& stream) {
    if (classic_) {
        // The original's means: 5000 requests and 500 MB a second, 500 metadata operations of each kind.
        small_reads_ = small_writes_ = {4'541'000};
        large_reads_ = large_writes_ = {459'000};
        operations_ = {500'000};
        return;
    }
    const auto share = [&](std::int64_t per_s) {
        return per_s * stream.between(std::int64_t{500}, std::int64_t{1500}) / 1000;
    };
    const auto large = [](std::int64_t bytes_per_s) {
        return Rate{bytes_per_s * large_permille / Requests::large_bytes};
    };
    const auto small = [](std::int64_t bytes_per_s) {
        return Rate{bytes_per_s * (1000 - large_permille) / Requests::small_bytes};
    };
    const auto writes = share(workload.write_bytes_per_s);
    const auto reads = share(workload.read_bytes_per_s);
    small_writes_ = small(writes);
    large_writes_ = large(writes);
    small_reads_ = small(reads);
    large_reads_ = large(reads);
    operations_ = {share(workload.metadata_ops_per_s) * 1000};
}

Requests TargetWorkload::reads_at(std::int64_t unix_s) const {
    const auto activity = reading_.at(unix_s) - reading_began_;
    return {small_reads_.of(activity), large_reads_.of(activity)};
}

Requests TargetWorkload::writes_at(std::int64_t unix_s) const {
    const auto activity = writing_.at(unix_s) - writing_began_;
    return {small_writes_.of(activity), large_writes_.of(activity)};
}

void TargetWorkload::fill(
    TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts, HistogramShelf& histograms
) const {
    if (kind_ == TargetKind::mgs) return;
    // A clock set back must not run counters below zero.
    unix_s = std::max(unix_s, began_);
    metrics.stats.shapes = shapes(kind_);
    if (kind_ == TargetKind::ost) {
        fill_ost(metrics, unix_s, mounts, histograms);
    } else {
        fill_mdt(metrics, unix_s, mounts);
    }
}

void TargetWorkload::fill_ost(
    TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts, HistogramShelf& histograms
) const {
    static const auto read_counter = byte_counter(Driver::reads);
    static const auto write_counter = byte_counter(Driver::writes);
    const auto reads = reads_at(unix_s);
    const auto writes = writes_at(unix_s);
    const auto creates = writes.bytes() / mean_file_bytes;
    Drivers drivers{};
    drivers[static_cast<std::size_t>(Driver::seconds)] = unix_s - began_;
    drivers[static_cast<std::size_t>(Driver::reads)] = reads.count();
    drivers[static_cast<std::size_t>(Driver::writes)] = writes.count();
    drivers[static_cast<std::size_t>(Driver::creates)] = creates;
    fill_counters(metrics.stats, ost_counters(), drivers, classic_);
    set_bytes(metrics.stats, read_counter, reads, classic_);
    set_bytes(metrics.stats, write_counter, writes, classic_);
    fill_jobs(metrics, unix_s, reads, writes);
    metrics.num_exports = 3 + mounts;
    metrics.tot_granted = 49848320;
    metrics.tot_pending = 0;
    if (classic_) {
        metrics.tot_dirty = 0;
        metrics.brw_stats = histograms.original();
        fill_classic_ost_space(metrics, unix_s);
        return;
    }
    metrics.tot_dirty = writing_.gauge(unix_s, 60, 1) * 4096;
    metrics.brw_stats = histograms.for_requests(writes.count());
    fill_space(metrics, writes.bytes() / 1024 * kept_percent_ / 100, creates * kept_percent_ / 100);
    metrics.kbytesavail = *metrics.kbytesfree - *metrics.kbytestotal / 20;
}

void TargetWorkload::fill_mdt(TargetMetrics& metrics, std::int64_t unix_s, std::int64_t mounts) const {
    const auto operations = operations_.of(writing_.at(unix_s) - writing_began_);
    const auto opens = classic_ ? operations : operations * 40 / 100;
    const auto created = opens * 30 / 100;
    const auto made = opens * 2 / 100;
    const auto unlinks = created * (100 - kept_percent_) / 100;
    const auto removed = made * (100 - kept_percent_) / 100;
    Drivers drivers{};
    const auto set = [&](Driver driver, std::int64_t count) {
        drivers[static_cast<std::size_t>(driver)] = count;
    };
    set(Driver::seconds, unix_s - began_);
    set(Driver::opens, opens);
    set(Driver::closes, classic_ ? opens : opens * 999 / 1000);
    set(Driver::unlinks, classic_ ? opens : unlinks);
    set(Driver::mkdirs, classic_ ? opens : made);
    set(Driver::rmdirs, classic_ ? 2 * opens : removed);
    set(Driver::getxattrs, classic_ ? opens : opens * 60 / 100);
    fill_counters(metrics.stats, mdt_counters(), drivers, classic_);
    metrics.num_exports = 2 + mounts;
    // The original leaves the number out until clients come.
    metrics.client_count = classic_ && mounts == 0 ? std::nullopt : std::optional(mounts);
    if (classic_) return fill_classic_mdt_space(metrics, unix_s);
    const auto kept_files = created - unlinks + made - removed;
    fill_space(metrics, 4 * kept_files, kept_files);
}

void TargetWorkload::fill_space(TargetMetrics& metrics, std::int64_t kept_kbytes, std::int64_t kept_files)
    const {
    const auto kbytes = size_.bytes / 1024;
    const auto total = std::max(kbytes - size_.inodes * inode_bytes / 1024, kbytes / 2);
    metrics.kbytestotal = total;
    metrics.kbytesfree = std::max(total - total / 1000 - kept_kbytes, total * 8 / 100);
    metrics.filestotal = size_.inodes;
    metrics.filesfree = std::max(
        size_.inodes - std::min<std::int64_t>(size_.inodes / 10, 100) - kept_files, size_.inodes / 20
    );
}

std::int64_t TargetWorkload::wander(
    std::int64_t unix_s, std::uint64_t salt, std::int64_t start, std::int64_t step, std::int64_t max
) const {
    const auto moved = writing_.gauge(unix_s, 60, salt) - writing_.gauge(began_, 60, salt);
    return std::clamp(start + moved * step / 1000, std::int64_t{0}, max);
}

void TargetWorkload::fill_classic_ost_space(TargetMetrics& metrics, std::int64_t unix_s) const {
    metrics.filestotal = 128000;
    metrics.filesfree = wander(unix_s, 2, 127575, 12800, 128000);
    metrics.kbytestotal = 2015824;
    metrics.kbytesavail = 1877156;
    metrics.kbytesfree = std::max<std::int64_t>(wander(unix_s, 3, 1979620, 201582, 2015824), 1877156);
}

void TargetWorkload::fill_classic_mdt_space(TargetMetrics& metrics, std::int64_t unix_s) const {
    metrics.filestotal = 512000;
    metrics.filesfree = wander(unix_s, 2, 511954, 51200, 512000);
    metrics.kbytestotal = 767824;
    metrics.kbytesfree = wander(unix_s, 3, 727748, 76782, 767824);
}

void TargetWorkload::fill_jobs(
    TargetMetrics& metrics, std::int64_t unix_s, const Requests& reads, const Requests& writes
) const {
    if (!metrics.job_stats) metrics.job_stats.emplace(jobs_.size());
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        auto& job = (*metrics.job_stats)[i];
        static const JobStart nothing{"", {}, {}, 0};
        const auto& start = classic_ ? classic_jobs()[i] : nothing;
        job.job_id = classic_ ? start.name : jobs_[i];
        job.snapshot_time = unix_s;
        // Whole large requests fit between the smallest and the largest of every job of the original.
        const auto share = classic_ ? classic_job_percent : job_percent[i];
        const auto small = [&](std::int64_t count) { return classic_ ? 0 : count * share / 100; };
        const Requests read{small(reads.small), reads.large * share / 100};
        const Requests written{small(writes.small), writes.large * share / 100};
        set_job_bytes(job.read, start.read, read);
        set_job_bytes(job.write, start.write, written);
        job.setattr.samples = start.setattr + written.count() / 100;
        job.punch.samples = written.count() / 300;
        job.sync.samples = written.count() / 1000;
    }
}

}  // namespace csim
