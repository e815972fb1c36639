// What copytools report about HSM operations: checked, sorted and handed over as typed events.
// Source: the agent protocol, §6.2 and §6.4. Differs: a batch is checked as a whole before anything happens,
// and a copytool speaks for its own host only.
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

struct CopytoolEvent {
    enum class Kind { registered, unregistered, logged, operation };
    enum class Operation { archive, restore, remove };
    enum class Phase { start, running, finish, error };
    enum class Level { debug, info, warning, error, critical };

    SimTime time;
    Kind kind = Kind::registered;
    std::string uuid;     ///< registered
    std::string message;  ///< logged
    Level level = Level::info;
    Operation operation = Operation::archive;
    Phase phase = Phase::start;
    std::optional<std::int64_t> active_operation;
    std::string lustre_path;
    std::string source_fid;
    std::string data_fid;
    std::optional<std::int64_t> current_bytes;
    std::optional<std::int64_t> total_bytes;
    std::string error;
};

/// RFC 5424 severity of a logged message: critical 2 to debug 7.
int syslog_severity(CopytoolEvent::Level level);

/// The records of copytools and their operations. Called with events in order of time.
class CopytoolSink {
  public:
    virtual ~CopytoolSink() = default;
    /// The fqdn of the copytool's host; nothing if there is no such copytool.
    virtual std::optional<std::string> copytool_host(const std::string& copytool) const = 0;
    /// Ensures that the copytool counts as started; `uuid` empty: keeps its own, or takes the zero UUID if it
    /// is not started. A different uuid first cancels its running operations.
    virtual void copytool_started(const std::string& copytool, const std::string& uuid) = 0;
    virtual bool copytool_is_started(const std::string& copytool) const = 0;
    virtual void copytool_stopped(const std::string& copytool) = 0;
    virtual void copytool_logged(const std::string& copytool, const CopytoolEvent& event) = 0;
    /// A new operation; returns its id.
    virtual std::int64_t operation_started(const std::string& copytool, const CopytoolEvent& event) = 0;
    virtual bool knows_operation(const std::string& copytool, std::int64_t operation) const = 0;
    /// Bytes were moved, or the operation ended with phase finish or error.
    virtual void operation_changed(
        const std::string& copytool, std::int64_t operation, const CopytoolEvent& event
    ) = 0;
};

/// `POST /agent/copytool_event/` by the host `fqdn`.
HttpReply take_copytool_events(CopytoolSink& sink, const std::string& fqdn, std::string_view body);

}  // namespace csim
