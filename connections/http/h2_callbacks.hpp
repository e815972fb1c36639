// What nghttp2 calls.
#pragma once

#include <nghttp2/nghttp2.h>

namespace csim::connections {

/// Shared by all sessions; lives as long as the program.
const nghttp2_session_callbacks* h2_callbacks();

}  // namespace csim::connections
