// How the world says no: a value, or an error somebody may react to plus a sentence for people.
#pragma once

#include <boost/system/result.hpp>

#include <iosfwd>
#include <stdexcept>
#include <string>

namespace csim {

/// An entry exists only if some caller reacts to it; everything else is detail text.
enum class Errc {
    not_found,     ///< the named thing does not exist
    conflict,      ///< it exists, and its present state forbids this
    bad_argument,  ///< the request itself is malformed; repeating it cannot help
    refused,       ///< the peer understood and said no (credentials, certificate, token)
    unreachable,   ///< no answer from the peer; repeating may help
    exhausted,     ///< a limit was reached; the detail names it
    corrupt,       ///< stored or received data is not what it must be
    io,            ///< the operating system refused
};

struct Error {
    Errc code = Errc::io;
    std::string detail;  ///< one sentence without a trailing full stop
};

std::ostream& operator<<(std::ostream& out, const Error& error);

/// What `Result::value()` throws when there is none.
class ResultError : public std::runtime_error {
  public:
    explicit ResultError(const Error& cause) : std::runtime_error(cause.detail), error(cause) {}
    Error error;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw ResultError(error);
}

template <class T>
using Result = boost::system::result<T, Error>;

/// The value of an operation that only succeeds or fails.
struct Nothing {};

/// Setup that cannot go on: `main` prints the one sentence and exits with `status` (1 failure, 2 usage).
class Fatal : public std::runtime_error {
  public:
    explicit Fatal(const std::string& sentence, int exit_status = 1)
        : std::runtime_error(sentence), status(exit_status) {}
    int status;
};

}  // namespace csim
