// What instances are made with: profiles, networks, storage pools, the one project.
#pragma once

#include "runtime/lxd_host/lxd_context.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace csim {

using LxdDevices = std::map<std::string, std::map<std::string, std::string>>;

/// A profile, network or storage pool.
struct LxdPlace {
    std::map<std::string, std::string> config;
    std::string description;
    LxdDevices devices;  ///< of profiles
    std::string kind;    ///< a network's type, a pool's driver
};

/// "devices" of a body; refuses what is not objects of text.
LxdDevices devices_in(const Json& body, const char* key = "devices");

class LxdPlaces {
  public:
    /// Which instances use a thing: asked with "profiles", "networks" or "storage-pools" and its name.
    using Users = std::function<std::vector<std::string>(const std::string& kind, const std::string& name)>;

    /// `initialised`: begins as `lxd init --minimal` leaves a host, with a pool, a bridge and a profile
    /// that names both.
    LxdPlaces(LxdContext& context, bool initialised);

    void add_routes(LxdRoutes& routes);
    void used_by(Users users) { users_ = std::move(users); }
    const LxdPlace* profile(const std::string& name) const;
    /// Another number after each change.
    std::uint64_t version() const { return version_; }
    /// Bytes of disk that instances take, for pools.
    void disk_used(std::function<std::uint64_t()> bytes) { disk_used_ = std::move(bytes); }

  private:
    struct Kind;
    static const Kind kinds[3];
    using Places = std::map<std::string, LxdPlace>;

    void add_kind(LxdRoutes& routes, const Kind& kind);
    void add_looks(LxdRoutes& routes);
    Json shown(const Kind& kind, const std::string& name, const LxdPlace& place) const;
    std::string etag(const Kind& kind, const LxdPlace& place) const;
    LxdReply create(const Kind& kind, LxdCall& call);
    LxdReply change(const Kind& kind, LxdCall& call, bool whole);
    LxdReply remove(const Kind& kind, LxdCall& call);
    LxdPlace& found(const Kind& kind, const std::string& name);
    std::vector<std::string> users(const Kind& kind, const std::string& name) const;
    LxdReply network_state(LxdCall& call);
    LxdReply pool_resources(LxdCall& call);
    LxdReply projects(LxdCall& call);

    LxdContext& context_;
    Places places_[3];
    std::uint64_t version_ = 0;
    Users users_;
    std::function<std::uint64_t()> disk_used_;
};

}  // namespace csim
