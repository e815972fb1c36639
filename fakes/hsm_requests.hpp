// Requests of a filesystem's HSM coordinator, made up as users of a large archive might cause them.
#pragma once

#include "core/rng.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace csim {

enum class HsmAction { archive, restore, remove };
BOOST_DESCRIBE_ENUM(HsmAction, archive, restore, remove)

enum class HsmOutcome { succeeded, errored, cancelled };
BOOST_DESCRIBE_ENUM(HsmOutcome, succeeded, errored, cancelled)

/// How likely things other than plain success are. Nothing of it happens by default, as in the original.
struct HsmChances {
    Ratio error;         ///< a request fails part of the way
    Ratio cancellation;  ///< a request is cancelled part of the way
    Ratio changed_fid;   ///< a restore writes its data under a new fid
};

struct HsmRequest {
    HsmAction action = HsmAction::archive;
    std::string path;
    std::int64_t total_bytes = 0;  ///< never changes
    std::string fid;

    // What will become of it.
    HsmOutcome outcome = HsmOutcome::succeeded;
    std::int64_t bytes_until_end = 0;  ///< less than all of them unless it succeeds
    std::string data_fid;              ///< differs from `fid` for some restores
};

/// What removing costs a copytool: two seconds of its whole bandwidth.
inline constexpr std::int64_t hsm_remove_bytes = 25'769'803'776;

/// Source: the behaviour specification, §3.10.3. Differs: a removal's size is constant from the start.
HsmRequest draw_hsm_request(Rng& rng, const HsmChances& chances);
/// `0x1280e7e12:0x1:0x0`.
std::string draw_hsm_fid(Rng& rng);

}  // namespace csim
