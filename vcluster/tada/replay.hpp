// Messages that a client has written down instead of sending them, as runs again.
#pragma once

#include "vcluster/tada/reporter.hpp"

#include <string>
#include <vector>

namespace csim {

/// `text` is a JSON array of messages, its last bracket perhaps missing, or one message a line. Runs in the
/// order in which they ended, unfinished ones last. Errors: bad_argument with the number of the message that
/// is none.
Result<std::vector<TadaRun>> tada_runs_of(const std::string& text);

/// Reports a run as its own client would have: declared, begun at the same second and so under the same id,
/// evaluated, ended. Errors: those of the socket.
Result<Nothing> replay_tada_run(const TadaAddress& to, const TadaRun& run);

}  // namespace csim
