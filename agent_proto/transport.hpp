// How an agent reaches its manager. One object per impersonated agent process; all callbacks run on the
// world's thread, never from inside the call that started them.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/unique_function.hpp"
#include "wire/message.hpp"

#include <string>
#include <vector>

namespace csim {

/// What any failure of a request looks like to an agent: one undifferentiated failure, told for the log.
struct Failure {
    unsigned status = 0;  ///< HTTP status; 0 when there was no usable answer at all
    std::string detail;
};

[[noreturn]] inline void throw_exception_from_error(
    const Failure& failure, const boost::source_location& at
) {
    throw_exception_from_error(Error{Errc::unreachable, failure.detail}, at);
}

template <class T>
using Outcome = boost::system::result<T, Failure>;

class AgentTransport {
  public:
    virtual ~AgentTransport() = default;

    /// The long poll. Fails after 60 s without an answer. At most one at a time.
    virtual void get(const AgentGet& request, UniqueFunction<void(Outcome<std::vector<Message>>)> done) = 0;
    /// Fails after 60 s without an answer. At most one at a time.
    virtual void post(AgentPost request, UniqueFunction<void(Outcome<Nothing>)> done) = 0;
    /// `POST /agent/copytool_event/`; the value is the reply's `active_operations` (fid → operation id).
    virtual void copytool_events(const Json& envelope, UniqueFunction<void(Outcome<Json>)> done) = 0;

    /// False where messages stay values and nobody makes text of them: then nobody needs its length either.
    virtual bool carries_text() const { return true; }

    /// Drops every connection at once, as a dying host does. No callback of an abandoned request runs.
    virtual void abandon() = 0;
};

/// Requests that need no session: registration. Not tied to an agent process.
class RegistrationTransport {
  public:
    virtual ~RegistrationTransport() = default;
    struct Reply {
        unsigned status = 0;
        std::string body;
    };
    /// `POST /agent/register/<secret>/` with `body` as JSON text. A reply of any status is a value;
    /// an error is unreachable or refused (TLS).
    virtual void register_agent(
        const std::string& secret, const std::string& body, UniqueFunction<void(Result<Reply>)> done
    ) = 0;
};

}  // namespace csim
