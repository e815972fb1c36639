// What the `systemd_journal` device plugin reports: log lines, at most 64 a message.
#pragma once

#include "wire/reports/wire_time.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace csim {

constexpr std::size_t journal_lines_max = 64;

struct JournalLine {
    WireTime datetime;
    std::int64_t severity = 1;
    std::int64_t facility = 1;
    std::string source;
    std::string message;

    bool operator==(const JournalLine&) const = default;
};
BOOST_DESCRIBE_STRUCT(JournalLine, (), (datetime, severity, facility, source, message))

struct JournalReport {
    std::vector<JournalLine> log_lines;
};
BOOST_DESCRIBE_STRUCT(JournalReport, (), (log_lines))

}  // namespace csim
