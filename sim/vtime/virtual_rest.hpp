// REST requests of a user, made in the manager's own process through the same API object that its port
// serves.
#pragma once

#include "core/json.hpp"
#include "core/timeline.hpp"
#include "manager/manager.hpp"

#include <functional>
#include <memory>
#include <string>

namespace csim {

struct VirtualReply {
    unsigned status = 0;  ///< 0: the manager was not there, or went away
    Json body;
};

/// One user. Requests take a little time, and end with status 0 when the manager's process does.
class VirtualRest {
  public:
    using Done = std::function<void(const VirtualReply&)>;
    VirtualRest(Timeline& timeline, std::string user, std::string password);
    ~VirtualRest();

    void attach(ManagerCore& manager);
    /// Pending requests fail. The login is forgotten.
    void detach();
    /// `target` such as `/api/host/?limit=0`. Logs in first if need be.
    void request(std::string method, std::string target, const Json& body, Done done);
    std::uint64_t requests() const { return requests_; }

  private:
    struct State;
    static void log_in(std::shared_ptr<State> state, std::function<void(bool)> then);
    static void send(
        std::shared_ptr<State> state, const std::string& method, const std::string& target, const Json& body,
        std::function<void(const HttpReply*)> done
    );

    std::shared_ptr<State> state_;
    std::uint64_t requests_ = 0;
};

}  // namespace csim
