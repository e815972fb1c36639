// What storage controllers tell when they are polled, and who asks them.
// Source: the manager API, §2.24.
#pragma once

#include "core/result.hpp"
#include "core/unique_function.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct ControllerReport {
    struct Lun {
        std::int64_t size_bytes = 0;
        std::vector<std::string> wwids;  ///< the disks it lies on
    };
    std::map<std::string, Lun> luns;            ///< by serial
    std::map<std::string, std::int64_t> disks;  ///< by WWID: bytes
};

class ControllerSource {
  public:
    using Done = UniqueFunction<void(Result<ControllerReport>)>;
    virtual ~ControllerSource() = default;
    /// Asks one controller. `done` runs once, on the world's thread, never inside this call. Errors:
    /// unreachable, corrupt (it answered something else), refused (it knows no such controller).
    virtual void poll(std::int64_t controller, Done done) = 0;
};

/// The body of an XML-RPC request for `poll_fake_controller`.
std::string controller_request(std::int64_t controller);
/// Reads an XML-RPC answer; sizes in it are MiB. Errors: corrupt with the place in the answer; refused with
/// the text of the fault.
Result<ControllerReport> parse_controller_answer(std::string_view body);

}  // namespace csim
