// Lustre counters of one target, as the `lustre` report carries them. The numbers that readers want are plain
// fields; the long tail of the payload is made only where somebody asks for JSON.
#pragma once

#include "core/json_codec.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace csim {

/// Bytes moved by `count` requests of `min` to `max` bytes each: count * min <= sum <= count * max.
struct ByteCounter {
    std::int64_t count = 0;
    std::int64_t sum = 0;
    bool operator==(const ByteCounter&) const = default;
};

/// Smallest and largest request that a target serves, in bytes.
inline constexpr std::int64_t request_bytes_min = 4096;
inline constexpr std::int64_t request_bytes_max = 1048576;

/// One process on the clients, as job statistics name it. `name` outlives every report (a literal).
struct JobActivity {
    std::string_view name;
    std::int64_t snapshot_unix_s = 0;
    ByteCounter read;
    ByteCounter write;
    std::int64_t setattr = 0;
    std::int64_t punch = 0;
    std::int64_t sync = 0;
    bool operator==(const JobActivity&) const = default;
};

/// Numbers of an object storage target. Space in units of 1024 bytes.
struct OstNumbers {
    std::int64_t filestotal = 0;
    std::int64_t filesfree = 0;
    std::int64_t kbytestotal = 0;
    std::int64_t kbytesfree = 0;
    std::int64_t kbytesavail = 0;
    std::int64_t num_exports = 0;
    std::int64_t tot_dirty = 0;
    std::int64_t tot_granted = 0;
    std::int64_t tot_pending = 0;
    ByteCounter read_bytes;
    ByteCounter write_bytes;
    std::int64_t creates = 0;
    std::int64_t age_s = 0;  ///< since the counters began
    std::array<JobActivity, 2> jobs;
    bool operator==(const OstNumbers&) const = default;
};

/// Numbers of a metadata target. Space in units of 1024 bytes.
struct MdtNumbers {
    std::int64_t filestotal = 0;
    std::int64_t filesfree = 0;
    std::int64_t kbytestotal = 0;
    std::int64_t kbytesfree = 0;
    std::int64_t num_exports = 0;
    std::int64_t client_count = 0;
    std::int64_t opens = 0;
    std::int64_t closes = 0;
    std::int64_t unlinks = 0;
    std::int64_t mkdirs = 0;
    std::int64_t rmdirs = 0;
    std::int64_t getxattrs = 0;
    std::int64_t age_s = 0;  ///< since the counters began
    bool operator==(const MdtNumbers&) const = default;
};

enum class TargetKind { mgs, mdt, ost };

/// Immutable once made; reports share it. Exactly one of `mdt` and `ost` means something, by `kind`.
struct TargetStats {
    TargetKind kind = TargetKind::mgs;
    bool classic = false;  ///< the rest of the payload stays at the original's start values
    OstNumbers ost;
    MdtNumbers mdt;
    std::shared_ptr<const Json> hsm;       ///< coordinator statistics, null when there is no coordinator
    std::shared_ptr<const Json> received;  ///< set when decoded from text: the payload as it came

    Json to_json() const;
    /// Takes the numbers out of any JSON object; what is missing stays 0. Errors: bad_argument with a path.
    static Result<TargetStats> from_json(const Json& json, Strictness strictness);
};

}  // namespace csim
