// Events of an HSM copytool: which lines are any, and which operation each belongs to.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace csim {

/// One line of a copytool as the event to relay, its time in UTC as managers read it. Errors: bad_argument
/// for what a manager would answer with an error, now and for ever. Source: §6.2 and §6.3 of the protocol.
/// Differs: required keys are checked here (B-28).
Result<Json> read_copytool_event(std::string_view line);

/// Which operations of the manager are under way, by the fid of their data.
class ActiveOperations {
  public:
    /// Notes the operation that the event belongs to in it, and follows it to a new fid or to its end.
    void mark(Json& event);
    /// Takes what a manager answered; entries that are none are ignored.
    void merge(const Json& active_operations);
    std::size_t size() const { return by_fid_.size(); }

  private:
    std::map<std::string, std::int64_t> by_fid_;
};

}  // namespace csim
