// What is kept of virtual clusters between commands: a folder each, with a record and, for simulated ones, a
// journal of what was asked.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim {

struct RecordedNode {
    std::string hostname;
    std::vector<std::string> aliases;
    std::string address;
    std::string started;  ///< RFC 3339
};

/// One cluster. On disk before anything of it is made.
struct ClusterRecord {
    int version = 1;
    std::string name, backend;
    std::string state;  ///< "creating", "ready", "failed" (kept after a failure), "removing"
    std::string spec;   ///< its text, as given
    std::string created, owner;
    std::int64_t owner_pid = 0;  ///< of the process that is creating or removing it
    std::uint64_t owner_start = 0;
    std::vector<RecordedNode> nodes;
    std::map<std::string, std::string> secrets;  ///< munge key, ssh keys, the word of ovis; base64
    std::string failure;                         ///< why it failed
    std::string place;  ///< docker: the engine's address; namespaces: the root folder

    bool owner_lives() const;
    void own();
};

/// A folder of clusters, 0700. All of it can be removed by hand.
class ClusterStore {
  public:
    /// $CLUSTER_SIM_VCLUSTERS, else below /var/lib for root, else below the user's state folder.
    static std::string usual_path();
    explicit ClusterStore(std::string path = usual_path());

    /// Through it only simulated clusters are made, changed and asked, for callers who have shown nothing.
    ClusterStore& only_simulated() { return simulated_only_ = true, *this; }
    bool simulated_only() const { return simulated_only_; }

    const std::string& path() const { return path_; }
    std::string folder_of(const std::string& name) const { return path_ + "/" + name; }
    /// Errors: not_found, corrupt.
    Result<ClusterRecord> load(const std::string& name) const;
    /// On disk when it returns. Throws Fatal.
    void save(const ClusterRecord& record) const;
    void forget(const std::string& name) const;
    /// In order of name; unreadable ones are told in `complaints`.
    std::vector<ClusterRecord> all(std::vector<std::string>* complaints = nullptr) const;

    /// Lines of JSON, appended and synced.
    class Journal;
    std::vector<Json> journal(const std::string& name) const;

  private:
    std::string path_;
    bool simulated_only_ = false;
};

/// Gathers lines and writes them together.
class ClusterStore::Journal {
  public:
    Journal(const ClusterStore& store, const std::string& name)
        : file_(store.folder_of(name) + "/journal.jsonl") {}
    void add(const Json& line) { lines_ += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }
    /// Throws Fatal.
    void commit();

  private:
    std::string file_, lines_;
};

/// One command at a time works on a cluster; others wait for it. Released with the object.
class ClusterLock {
  public:
    /// Throws Fatal with status 6 when `limit_ms` has passed.
    ClusterLock(const ClusterStore& store, const std::string& name, int limit_ms = 120'000);
    ~ClusterLock();
    ClusterLock(ClusterLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ClusterLock(const ClusterLock&) = delete;

  private:
    int fd_ = -1;
};

}  // namespace csim
