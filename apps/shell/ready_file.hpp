// How a serving program tells others that it accepts connections, and where.
#pragma once

#include <string>

namespace csim::shell {

/// Writes the URL to `ready_file` unless that is empty, then the line `ready <url>` to standard output.
/// The file is written aside and renamed, so that whoever waits for it never reads half of it.
/// Throws Fatal when the file cannot be written; then nothing was printed.
void announce_ready(const std::string& url, const std::string& ready_file);

}  // namespace csim::shell
