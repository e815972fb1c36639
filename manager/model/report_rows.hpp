// What agents told that must outlive the manager's process beside the rows of hosts and targets: packages,
// newest figures, log lines. And who wants to hear of which alerts.
// Source: the manager API, §2.17 to §2.19 and §4.4.
#pragma once

#include "core/time.hpp"
#include "wire/reports/packages.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// Packages of the bundles that concern a host. Has the host's number.
struct HostPackagesRow {
    std::int64_t id = 0;
    std::map<std::string, PackageReport> packages;
};
BOOST_DESCRIBE_STRUCT(HostPackagesRow, (), (id, packages))

/// The figures of a target that file systems add up. Has the target's number.
struct TargetFiguresRow {
    std::int64_t id = 0;
    SimTime at;
    std::optional<std::int64_t> kbytestotal, kbytesfree, kbytesavail;  ///< KiB
    std::optional<std::int64_t> filestotal, filesfree;
    std::optional<std::int64_t> client_count, num_exports;
};
BOOST_DESCRIBE_STRUCT(
    TargetFiguresRow, (),
    (id, at, kbytestotal, kbytesfree, kbytesavail, filestotal, filesfree, client_count, num_exports)
)

/// One line of some server's log.
struct LogLine {
    std::int64_t id = 0;
    SimTime at;
    std::string fqdn;
    std::int64_t severity = 0;
    std::int64_t facility = 0;
    std::string tag;
    std::string message;
    std::string message_class;
};
BOOST_DESCRIBE_STRUCT(LogLine, (), (id, at, fqdn, severity, facility, tag, message, message_class))

/// Lines that arrived together, saved as one. Has the number of its first line.
struct LogBatchRow {
    std::int64_t id = 0;
    std::vector<LogLine> lines;
};
BOOST_DESCRIBE_STRUCT(LogBatchRow, (), (id, lines))

/// A user's wish to hear of one type of alert.
struct SubscriptionRow {
    std::int64_t id = 0;
    std::int64_t user_id = 0;
    std::int64_t alert_type = 0;
};
BOOST_DESCRIBE_STRUCT(SubscriptionRow, (), (id, user_id, alert_type))

}  // namespace csim
