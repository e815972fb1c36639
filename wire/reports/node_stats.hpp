// Memory and processor counters of one node, as the `lustre` report carries them.
#pragma once

#include "core/json_codec.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace csim {

/// Immutable once made. Memory in kB, processor time in ticks of 10 ms since boot. What is not here is
/// constant.
struct NodeStats {
    std::string hostname;
    std::int64_t mem_total_kb = 0;
    std::int64_t mem_free_kb = 0;
    std::int64_t user = 0;
    std::int64_t system = 0;
    std::int64_t iowait = 0;
    std::int64_t idle = 0;
    std::int64_t total = 0;
    std::shared_ptr<const Json> received;  ///< set when decoded from text: the payload as it came

    /// `{"hostname", "meminfo": {…}, "cpustats": {…}}`.
    Json to_json() const;
    static Result<NodeStats> from_json(const Json& json, Strictness strictness);
};

}  // namespace csim
