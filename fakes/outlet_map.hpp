// Which outlet feeds which server: `fake_power_control.json`. The same numbers hold on every power strip.
#pragma once

#include "core/result.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
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
    OutletMapState state() const;

  private:
    Documents& documents_;  ///< a pair of entries a server: saving one costs the same however many there are
    std::map<int, std::string> servers_;
    std::map<std::string_view, int> outlets_;  ///< keys lie in `servers_`
    std::set<int> gaps_;                       ///< free numbers below the largest in use
};

/// The number that outlet text stands for: 1 and up, without leading zeros; else 0.
int parse_outlet(std::string_view text);

}  // namespace csim
