// What the manager tells its trace.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace csim {

struct ManagedStateSet {
    static constexpr std::string_view event_name = "managed_state_set";
    std::string object;
    std::string state;
};
BOOST_DESCRIBE_STRUCT(ManagedStateSet, (), (object, state))

struct CommandCompleted {
    static constexpr std::string_view event_name = "command_completed";
    std::int64_t command = 0;
    bool errored = false;
    bool cancelled = false;
};
BOOST_DESCRIBE_STRUCT(CommandCompleted, (), (command, errored, cancelled))

}  // namespace csim
