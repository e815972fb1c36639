// Commands, their jobs and the steps of those, as they are saved.
#pragma once

#include "core/time.hpp"
#include "manager/model/object_ref.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// Held from planning until the job completes.
struct LockPart {
    ObjectRef item;
    bool write = false;
    std::string end_state;  ///< of a write lock that changes the state; else empty
};
BOOST_DESCRIBE_STRUCT(LockPart, (), (item, write, end_state))

struct StepPart {
    std::int64_t id = 0;
    std::string class_name;
    std::string description;
    std::string args = "{}";  ///< JSON text
    std::string state = "incomplete";
    std::string log;
    std::string console;
    std::string backtrace;
    std::optional<std::string> result;  ///< JSON text
    SimTime created_at;
    SimTime modified_at;
};
BOOST_DESCRIBE_STRUCT(
    StepPart, (),
    (id, class_name, description, args, state, log, console, backtrace, result, created_at, modified_at)
)

struct JobRow {
    std::int64_t id = 0;
    std::int64_t home_command = 0;  ///< the command that made it; names the document
    std::vector<std::int64_t> commands;
    std::string class_name;
    std::string description;
    std::string state = "pending";  ///< pending, tasked, complete
    bool errored = false;
    bool cancelled = false;
    SimTime created_at;
    SimTime modified_at;
    ObjectRef subject;      ///< what it changes, or acts on
    std::string old_state;  ///< empty unless it is a state change
    std::string new_state;
    std::string args = "{}";  ///< JSON text
    std::vector<std::int64_t> wait_for;
    std::vector<LockPart> locks;
    std::int64_t step_count = 0;
    std::vector<StepPart> steps;
};
BOOST_DESCRIBE_STRUCT(
    JobRow, (),
    (id, home_command, commands, class_name, description, state, errored, cancelled, created_at, modified_at,
     subject, old_state, new_state, args, wait_for, locks, step_count, steps)
)

struct CommandRow {
    std::int64_t id = 0;
    std::string message;
    bool complete = false;
    bool errored = false;
    bool cancelled = false;
    SimTime created_at;
    std::vector<std::int64_t> jobs;
    std::int64_t alert_id = 0;
};
BOOST_DESCRIBE_STRUCT(CommandRow, (), (id, message, complete, errored, cancelled, created_at, jobs, alert_id))

struct CounterRow {
    std::map<std::string, std::int64_t> last;
};
BOOST_DESCRIBE_STRUCT(CounterRow, (), (last))

}  // namespace csim
