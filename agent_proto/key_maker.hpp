// Makes the identities of a fleet on threads of its own, so that the world's thread never waits for
// arithmetic.
#pragma once

#include "agent_proto/identity.hpp"
#include "core/unique_function.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace csim {

class Inbox;

/// Where the identities of nodes come from: real keys made on other threads, or names of keys in runs where
/// nothing crosses a socket.
class IdentitySource {
  public:
    using Done = UniqueFunction<void(Result<Identity>)>;
    virtual ~IdentitySource() = default;
    /// `done` runs later on the world's thread, in any order.
    virtual void make(std::string fqdn, KeyKind kind, Done done) = 0;
    /// A request for a key that was made earlier. Errors: corrupt for a key that is none.
    virtual Result<std::string> make_request(const std::string& fqdn, const std::string& key_pem) = 0;
};

/// Used and destroyed on the world's thread. What is not made when it is destroyed never is, and its
/// callbacks never run.
class KeyMaker final : public IdentitySource {
  public:
    /// `worlds_thread` outlives this. Requires: threads > 0.
    KeyMaker(Inbox& worlds_thread, unsigned threads);
    ~KeyMaker() override;
    KeyMaker(const KeyMaker&) = delete;
    KeyMaker& operator=(const KeyMaker&) = delete;

    void make(std::string fqdn, KeyKind kind, Done done) override;
    Result<std::string> make_request(const std::string& fqdn, const std::string& key_pem) override;
    /// Wanted and not yet handed over.
    std::size_t pending() const { return pending_; }

  private:
    struct Job {
        std::string fqdn;
        KeyKind kind = KeyKind::p256;
        Done done;
    };

    void work();
    void hand_over(Done done, Result<Identity> identity);

    Inbox& worlds_thread_;
    std::size_t pending_ = 0;          ///< world's thread only
    std::shared_ptr<KeyMaker*> self_;  ///< null for what is handed over too late; world's thread only
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;  ///< guarded by mutex_
    bool ending_ = false;   ///< guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace csim
