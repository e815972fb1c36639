// What scans of servers found, put together into file systems that are only watched.
// Source: the manager API, §3.7.15. Differs: targets that the manager made itself are left as they are.
#pragma once

#include "core/json.hpp"
#include "manager/model/model.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace csim {

struct JobClass;
const std::vector<JobClass>& detect_job_classes();

class DetectedTargetSet {
  public:
    /// The result of `detect_scan` on a host. What cannot be read of it is left out.
    void add(std::int64_t host, const Json& result);
    /// Makes rows for what is not known yet. Returns one line for people about each thing found.
    std::string learn(Model& model) const;

  private:
    struct Place {
        std::int64_t host = 0;
        std::string path;
        bool mounted = false;
    };
    struct Found {
        std::string name;
        std::vector<Place> places;  ///< the one where it is mounted comes first
    };
    struct Member {
        std::string uuid;
        std::string name;
    };
    using Members = std::map<std::string, std::vector<Member>>;  ///< by name of the file system

    const Found* mgs_on(std::int64_t host, std::string& uuid) const;
    std::int64_t learn_target(
        Model& model, const std::string& uuid, const Found& found, std::int64_t filesystem, std::string& told
    ) const;
    void learn_filesystem(
        Model& model, std::int64_t mgt, const std::string& name, const std::vector<Member>& members,
        std::string& told
    ) const;

    std::map<std::string, Found> targets_;        ///< by uuid
    std::map<std::int64_t, Members> registered_;  ///< with the MGS that runs on the host
};

}  // namespace csim
