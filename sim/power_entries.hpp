// The simulated power strips as a manager's records: what `register --create_pdu_entries` does.
#pragma once

#include "net/rest_client.hpp"
#include "sim/power_status.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace csim {

/// What had to be made or changed; all zero when the manager knew everything already.
struct PowerEntriesMade {
    std::size_t devices = 0;
    std::size_t outlets = 0;  ///< outlets that were told which host they feed
};

/// One session with the manager. Callbacks on the client's inbox, none after destruction.
/// Source: the behaviour specification, §1.2.6, and the manager's API, §2.21 to §2.23. Differs: outlets
/// follow the simulator's own map, every page of hosts is read, workers have no outlets, and a second run
/// makes only what is missing.
class PowerEntries {
  public:
    /// `client` outlives this. `timeout` is that of one request.
    PowerEntries(
        HttpsClient& client, const std::string& base_path, std::string username, std::string password,
        Duration timeout = 60s
    );
    ~PowerEntries();

    /// Makes the kind of strip, the strips, and tells each outlet its host; servers that the manager does not
    /// know are left out. An empty `pdu_password` is the usual one. One call at a time. Errors: refused
    /// (user, password, permission), conflict with the manager's own words, and those of the connection; what
    /// was made before stays.
    void create(
        std::vector<PowerStripStatus> strips, const std::string& pdu_password,
        UniqueFunction<void(Result<PowerEntriesMade>)> done
    );

  private:
    struct Work;

    void fetch_hosts(std::shared_ptr<Work> work);
    void fetch_types(std::shared_ptr<Work> work);
    void make_type(std::shared_ptr<Work> work);
    void fetch_devices(std::shared_ptr<Work> work);
    void next_strip(std::shared_ptr<Work> work);
    void make_device(std::shared_ptr<Work> work);
    void next_outlet(std::shared_ptr<Work> work);
    /// Sends, and hands a reply of any success on; everything else ends the work.
    void send(
        const std::shared_ptr<Work>& work, const char* method, const std::string& path, const Json& body,
        UniqueFunction<void(const Json&)> then
    );
    /// Every object of a list, page by page.
    void fetch_all(
        const std::shared_ptr<Work>& work, const std::string& resource, std::vector<Json> so_far,
        UniqueFunction<void(std::vector<Json>)> then
    );

    RestClient rest_;
    std::string username_;
    std::string password_;
};

}  // namespace csim
