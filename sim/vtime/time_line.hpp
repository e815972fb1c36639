// What happened in a run, as one HTML page to look at: lanes per server, faults, alerts, commands.
#pragma once

#include "core/json.hpp"
#include "core/trace.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class VirtualCluster;

/// Listens from its construction to its end. The cluster may end before or after it.
class TimeLine {
  public:
    explicit TimeLine(VirtualCluster& cluster);
    ~TimeLine();
    TimeLine(const TimeLine&) = delete;
    TimeLine& operator=(const TimeLine&) = delete;

    /// To be called after each event: looks at what is not traced, every ten simulated seconds.
    void look();
    /// The page; `title` and `notes` are for people.
    std::string page(const std::string& title, const std::vector<std::string>& notes);

  private:
    using Fields = std::map<std::string, std::string>;
    /// A value that holds from an instant on. Seconds from the start.
    struct Span {
        double at;
        std::string value;
    };
    struct Lanes {
        std::vector<Span> power;
        std::vector<Span> agent;
        std::vector<Span> sessions;
        std::vector<Span> resources;
    };

    void heard(const TraceEvent& event);
    void session(const std::string& fqdn, int change);
    void moved(const Fields& fields);
    void put(std::vector<Span>& lane, double at, std::string value);
    double seconds(SimTime at) const;
    Json data() const;
    /// Faults, or whatever else the scenario does.
    Json workloads_json(bool faults) const;
    Json alerts_json() const;
    Json commands_json() const;

    VirtualCluster& cluster_;
    SimTime begin_;
    SimTime next_look_;
    std::map<std::string, Lanes> lanes_;        ///< by fqdn
    std::map<std::string, int> open_;           ///< sessions, by fqdn
    std::map<std::string, std::string> homes_;  ///< resource → node
    struct Fault {
        std::string name;
        std::string where;
        double from = 0;
        double to = -1;
    };
    std::map<std::string, Fault> faults_;  ///< by number
    std::vector<std::pair<double, std::string>> manager_;
    std::shared_ptr<TimeLine*> self_;  ///< null for events that come too late
};

/// Throws Fatal when the file cannot be written.
void write_page(const std::filesystem::path& file, const std::string& page);

}  // namespace csim
