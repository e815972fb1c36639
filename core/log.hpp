// Text for people, stamped with simulated time. May change freely and is never parsed; what happened for
// machines is in the Trace. Library code takes a spdlog::logger& and includes <spdlog/logger.h> in its .cpp.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace csim {

class Timeline;

/// A logger to standard error: `2026-11-21T01:28:12.753437 info  net       accepted peer=127.0.0.1`.
/// `level`: trace, debug, info, warning, error, critical, off; anything else throws Fatal with status 2.
/// Thread-safe. Lines from threads other than the caller's are stamped with the wall clock, because the
/// timeline belongs to the world's thread. The timeline must outlive the logger.
std::shared_ptr<spdlog::logger> make_log(
    const std::string& name, const Timeline& timeline, std::string_view level = "info"
);
/// The same to a stream, for tests. Not thread-safe.
std::shared_ptr<spdlog::logger> make_log(
    const std::string& name, const Timeline& timeline, std::string_view level, std::ostream& out
);
/// A logger that drops everything.
std::shared_ptr<spdlog::logger> silent_log();

}  // namespace csim
