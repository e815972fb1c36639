// What is traced in virtual time beside what the world and the manager tell themselves.
#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace csim {

/// Emitted with the server's fqdn.
struct SessionOpened {
    static constexpr std::string_view event_name = "session_opened";
    std::string plugin;
    std::string session;
};
BOOST_DESCRIBE_STRUCT(SessionOpened, (), (plugin, session))

struct SessionEnded {
    static constexpr std::string_view event_name = "session_ended";
    std::string plugin;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(SessionEnded, (), (plugin, reason))

struct NodeRegistered {
    static constexpr std::string_view event_name = "node_registered";
    std::int64_t host = 0;
};
BOOST_DESCRIBE_STRUCT(NodeRegistered, (), (host))

struct RegistrationFailed {
    static constexpr std::string_view event_name = "registration_failed";
    std::string why;
};
BOOST_DESCRIBE_STRUCT(RegistrationFailed, (), (why))

/// Emitted with `manager`. `how` is started, killed or disk_full.
struct ManagerChanged {
    static constexpr std::string_view event_name = "manager_changed";
    std::string how;
};
BOOST_DESCRIBE_STRUCT(ManagerChanged, (), (how))

/// Emitted with `scenario`. A workload began or ended; `where` names its servers.
struct FaultBegan {
    static constexpr std::string_view event_name = "fault_began";
    std::string workload;
    std::string where;
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(FaultBegan, (), (workload, where, number))

struct FaultEnded {
    static constexpr std::string_view event_name = "fault_ended";
    std::string workload;
    std::string where;
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(FaultEnded, (), (workload, where, number))

}  // namespace csim
