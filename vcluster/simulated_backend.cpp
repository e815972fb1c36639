// Simulated clusters live on disk as the calls that were made of them. Each command makes those calls again,
// at the same simulated moments, and then its own; between commands no time passes.
#include "vcluster/backend.hpp"
#include "vcluster/model/model_runtime.hpp"
#include "vcluster/model/planned_faults.hpp"

namespace csim {
namespace {

class SimulatedBackend final : public Backend {
  public:
    SimulatedBackend(
        const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
    )
        : options_(options_of(spec)),
          journal_(store, record.name),
          timeline_(options_.epoch),
          loop_(timeline_, Pace::instant()),
          runtime_(timeline_, options_, [this](Json line) { journal_.add(line); }),
          nodes_(timeline_, loop_, runtime_, Nodes::Clock::simulated) {
        nodes_.before_each([this] {
            loop_.run_until(timeline_.now());
            runtime_.begin_group();
        });
        plan_faults(runtime_, model::read_planned_faults(spec.sim.value("faults", Json::array())).value());
        if (!fresh) replay(store.journal(record.name));
    }

    Nodes& nodes() override { return nodes_; }
    bool real() const override { return false; }
    void furnish(const ClusterSpec& spec, const PlannedNode& node) override {
        for (const MountSpec& each : node.mounts) {
            // Everything is in memory here.
            if (!each.source.starts_with("/"))
                make_folder(node.hostname, each.target);
            else
                runtime_.mount(node.hostname, each.source, each.target, each.read_only);
        }
        static_cast<void>(spec);
    }
    void commit() override {
        Json now{{"op", "now"}, {"name", ""}, {"at", timeline_.now().unix_ns()}, {"group", runtime_.group()}};
        journal_.add(now);
        journal_.commit();
    }

  private:
    /// With those above it.
    void make_folder(const std::string& hostname, const std::string& path) {
        NodeFile folder;
        folder.type = NodeFile::Type::directory;
        for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
            folder.mode = slash == std::string::npos ? 01777 : 0755;
            nodes_.write(hostname, path.substr(0, slash), folder);
            if (slash == std::string::npos) return;
        }
    }

    static model::ModelOptions options_of(const ClusterSpec& spec) {
        const auto options = model::read_model_options(spec.sim);
        if (!options) throw Fatal(options.error().detail, 2);
        return *options;
    }

    void replay(const std::vector<Json>& lines) {
        std::uint64_t group = 0;
        for (const Json& line : lines) {
            const auto at = SimTime::from_unix_ns(line.at("at").get<std::int64_t>());
            const auto its = line.at("group").get<std::uint64_t>();
            if (its != group || at > timeline_.now()) loop_.run_until(at);
            group = its;
            if (const auto again = runtime_.repeat(line); !again) throw Fatal(again.error().detail);
        }
        runtime_.set_group(group);
    }

    model::ModelOptions options_;
    ClusterStore::Journal journal_;
    Timeline timeline_;
    EventLoop loop_;
    model::ModelRuntime runtime_;
    Nodes nodes_;
};

}  // namespace

std::unique_ptr<Backend> simulated_backend(
    const ClusterStore& store, const ClusterRecord& record, const ClusterSpec& spec, bool fresh
) {
    return std::make_unique<SimulatedBackend>(store, record, spec, fresh);
}

}  // namespace csim
