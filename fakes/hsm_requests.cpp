#include "fakes/hsm_requests.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace csim {
namespace {

constexpr auto folders = std::to_array<std::string_view>(
    {"project", "plan", "datasets", "databases", "catalogs", "research", "investigator", "data", "files",
     "library", "libs", "spool", "scratch", "backup", "notbackedup"}
);
constexpr auto names =
    std::to_array<std::string_view>({"index", "file", "db", "database", "catalog", "data", "cabinet"});
constexpr auto endings =
    std::to_array<std::string_view>({"", ".tar", ".tar.gz", ".tar.bz2", ".idx", ".cab", ".db"});

constexpr double bytes_min = 1024;
constexpr double bytes_max = 2'199'023'255'552.0;
constexpr double bytes_mode = 0.025 * bytes_max;

template <std::size_t size>
std::string_view any_of(Rng& rng, const std::array<std::string_view, size>& list) {
    return list[static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(size) - 1))];
}

std::string draw_path(Rng& rng) {
    std::string path(any_of(rng, folders));
    for (const std::string_view folder : folders) {
        if (rng.chance({1, 2})) path.append("/").append(folder);
    }
    path.append("/").append(any_of(rng, names));
    return path.append(any_of(rng, endings));
}

HsmOutcome draw_outcome(Rng& rng, const HsmChances& chances) {
    const bool fails = rng.chance(chances.error);
    const bool is_cancelled = rng.chance(chances.cancellation);
    if (fails) return HsmOutcome::errored;
    return is_cancelled ? HsmOutcome::cancelled : HsmOutcome::succeeded;
}

}  // namespace

std::string draw_hsm_fid(Rng& rng) {
    const auto sequence = rng.between(1, std::int64_t{1} << 33);
    const auto object = rng.between(1, 2);
    char text[48];
    std::snprintf(
        text, sizeof text, "0x%09llx:0x%llx:0x0", static_cast<unsigned long long>(sequence),
        static_cast<unsigned long long>(object)
    );
    return text;
}

HsmRequest draw_hsm_request(Rng& rng, const HsmChances& chances) {
    HsmRequest request;
    request.action = static_cast<HsmAction>(rng.between(0, 2));
    request.path = draw_path(rng);
    request.total_bytes = static_cast<std::int64_t>(rng.triangular(bytes_min, bytes_mode, bytes_max));
    if (request.action == HsmAction::remove) request.total_bytes = hsm_remove_bytes;
    request.fid = draw_hsm_fid(rng);
    request.outcome = draw_outcome(rng, chances);
    const std::int64_t part = rng.between(1, request.total_bytes - 1);
    request.bytes_until_end = request.outcome == HsmOutcome::succeeded ? request.total_bytes : part;
    const bool moves = rng.chance(chances.changed_fid) && request.action == HsmAction::restore;
    const std::string other = draw_hsm_fid(rng);
    request.data_fid = moves ? other : request.fid;
    return request;
}

}  // namespace csim
