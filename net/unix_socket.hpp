// Listening on a path of the file system.
#pragma once

#include <string>

namespace csim {

/// Mode 0660. Replaces a socket that nobody listens on any more. Throws Fatal, with one sentence naming the
/// path.
int listen_on_path(const std::string& path);

}  // namespace csim
