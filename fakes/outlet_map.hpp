// Which outlet feeds which server: `fake_power_control.json`. The same numbers hold on every power strip.
#pragma once

#include "core/result.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// On disk outlets are text, as the original simulator writes them.
struct OutletMapState {
    std::map<std::string, std::string> server_outlets;  ///< fqdn → outlet
    std::map<std::string, std::string> outlet_servers;  ///< outlet → fqdn
};
BOOST_DESCRIBE_STRUCT(OutletMapState, (), (server_outlets, outlet_servers))

/// One server an outlet, one outlet a server. Source: the behaviour specification, §3.9.1.
class OutletMap {
  public:
    /// Loads what is saved. Throws Fatal when the two directions disagree.
    explicit OutletMap(Documents& documents);
    ~OutletMap();

    /// The smallest free number; the one it has when it has one.
    int add(const std::string& fqdn);
    /// Returns the outlet that became free, or 0.
    int remove(const std::string& fqdn);
    /// 0 for a server without one.
    int outlet_of(const std::string& fqdn) const;
    /// Null for an outlet that feeds nothing.
    const std::string* server_at(int outlet) const;
    /// Outlets in use, ascending.
    const std::map<int, std::string>& servers() const { return servers_; }
    const OutletMapState& state() const { return state_; }

  private:
    /// A pair of entries: saving one server's outlet costs the same however many servers there are.
    struct Saved {
        std::unique_ptr<Document<std::string>> outlet;
        std::unique_ptr<Document<std::string>> server;
    };

    Documents& documents_;
    OutletMapState state_;
    std::map<std::string, Saved> saved_;  ///< by fqdn
    std::map<int, std::string> servers_;
    std::map<std::string, int> outlets_;
    std::set<int> gaps_;  ///< free numbers below the largest in use
};

/// The number that outlet text stands for: 1 and up, without leading zeros; else 0.
int parse_outlet(std::string_view text);

}  // namespace csim
