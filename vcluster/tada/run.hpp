// A run of a test as the test report protocol knows it, and its messages: JSON objects, one a datagram.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

constexpr std::uint16_t tada_port = 9862;

struct TadaAssertion {
    std::string number;           ///< as text; numbers and texts are both in use
    bool number_is_text = false;  ///< how it came decides how it is aligned
    std::string description, condition = "none";
    std::string status = "skipped";  ///< or "passed", "failed"
};

struct TadaRun {
    std::string id;  ///< of the second form of messages; for the first, what stands for it
    std::string suite, type, name, user = "NONE", commit = "NONE", description;
    std::int64_t started = 0, finished = 0;  ///< seconds since 1970; 0: unknown
    std::string address;                     ///< of whoever reports
    std::uint16_t port = 0;
    std::vector<TadaAssertion> assertions;  ///< in order of arrival

    /// The last status of each assertion counts.
    bool passed() const;
};

/// Lower-case hex SHA-256 of `suite:type:name:user:commit:seconds`.
std::string tada_test_id(
    const std::string& suite, const std::string& type, const std::string& name, const std::string& user,
    const std::string& commit, std::int64_t started
);

/// A message as it came.
struct TadaMessage {
    std::string kind;  ///< "test-start", "assert-status", "test-finish"
    std::string id;    ///< empty: of the first form
    TadaRun run;       ///< as far as the message says
    TadaAssertion assertion;
};
/// Errors: bad_argument, with what is wrong; unknown fields are no mistake.
Result<TadaMessage> parse_tada_message(const std::string& bytes);

/// Messages that servers of both forms take: every one carries what either asks for.
Json tada_start_message(const TadaRun& run);
Json tada_assert_message(const TadaRun& run, const TadaAssertion& assertion);
Json tada_finish_message(const TadaRun& run);

/// Sorts 2 before 10, and numbers before texts.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace csim
