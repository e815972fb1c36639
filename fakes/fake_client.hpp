// A Lustre client: an address and the filesystems mounted there.
#pragma once

#include "core/result.hpp"
#include "fakes/violation.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace csim {

class FakeTargets;

/// `fake_client_<address>.json`.
struct ClientState {
    std::vector<std::pair<std::string, std::string>> mounts;  ///< (mgsspec, fsname)
};
BOOST_DESCRIBE_STRUCT(ClientState, (), (mounts))

class FakeClient {
  public:
    /// Mounts by filesystem name, over all clients that share the table.
    using MountCounts = std::map<std::string, std::int64_t>;

    /// Loads the client's document, or makes one with nothing mounted. Keeps `counts`, if given, up to date.
    FakeClient(Documents& documents, std::string address, MountCounts* counts = nullptr);
    ~FakeClient();

    const std::string& address() const { return address_; }
    const std::vector<std::pair<std::string, std::string>>& mounts() const { return (*state_)->mounts; }

    /// Mounting what is mounted is harmless. Errors: bad_argument for empty names; with `existing`, not_found
    /// when that MGS knows no such filesystem.
    Result<Nothing> mount(
        const std::string& mgsspec, const std::string& fsname, const FakeTargets* existing = nullptr
    );
    /// Unmounting what is not mounted is harmless.
    void unmount(const std::string& mgsspec, const std::string& fsname);
    void unmount_all();

  private:
    void count(const std::string& fsname, std::int64_t change);

    std::string address_;
    MountCounts* counts_;
    std::unique_ptr<Document<ClientState>> state_;
};

/// Every client there is, by address. Created on demand, as the original does.
class FakeClients {
  public:
    /// Loads every `fake_client_*.json`.
    explicit FakeClients(Documents& documents);
    ~FakeClients();

    /// The client of this address, made if there is none. Errors: bad_argument for an address unfit as a file
    /// name.
    Result<FakeClient*> client(const std::string& address);
    FakeClient* find(const std::string& address) const;
    std::vector<std::string> addresses() const;
    void unmount_all();
    /// How many clients mounted this filesystem, of any MGS.
    std::int64_t mounts_of(const std::string& fsname) const;

  private:
    Documents& documents_;
    FakeClient::MountCounts counts_;
    std::map<std::string, std::unique_ptr<FakeClient>> clients_;
};

}  // namespace csim
