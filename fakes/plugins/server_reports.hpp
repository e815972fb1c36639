// The device plugins of one server, with what their sessions remember. The simulator puts this behind the
// agent's report port.
#pragma once

#include "core/result.hpp"
#include "core/shared_text.hpp"
#include "core/timeline.hpp"
#include "fakes/plugins/plugin.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// What reports look at, besides the server. Null: this world has none.
struct ReportSources {
    const FakeDevices* devices = nullptr;
    const FakeTargets* targets = nullptr;
    TargetStatistics* statistics = nullptr;
};

class ServerReports {
  public:
    ServerReports(FakeServer& server, const Timeline& timeline, ReportSources sources)
        : server_(server), timeline_(timeline), sources_(sources) {}

    /// All seven names, ascending; `action_runner` is among them and never reports.
    static const std::vector<SharedText>& plugins();

    /// Errors: not_found for an unknown plugin.
    Result<PluginReport> first(std::string_view plugin);
    /// `full`: complete, whatever was sent before.
    Result<PluginReport> next(std::string_view plugin, bool full);
    /// What first() would say; no memory is touched.
    Result<PluginReport> snapshot(std::string_view plugin) const;
    void session_ended(std::string_view plugin);

    /// Statistics of the targets started here, by label.
    TargetMetricsByLabel target_metrics() const;

  private:
    ReportScope scope(ReportMemory& memory) const;

    FakeServer& server_;
    const Timeline& timeline_;
    ReportSources sources_;
    ReportMemory memory_;
};

}  // namespace csim
