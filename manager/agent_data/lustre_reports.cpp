// lustre: properties, packages and the newest figures of a host.
#include "core/json_codec.hpp"
#include "manager/agent_data/agent_data.hpp"
#include "manager/jobs/job_engine.hpp"
#include "wire/reports/lustre.hpp"

namespace csim {

namespace {

Result<std::shared_ptr<const LustreReport>> decode(const Body& body) {
    if (auto held = body.get_if<LustreReport>()) return held;
    const auto json = body.get_if<Json>();
    auto decoded = decode_lustre_report(json ? *json : body.to_json());
    if (!decoded) return decoded.error();
    return std::make_shared<const LustreReport>(*std::move(decoded));
}

void keep_packages(Model& model, std::int64_t host, HostPackages packages) {
    const HostPackagesRow* known = model.packages.find(host);
    if (known == nullptr) {
        model.packages.insert({host, std::move(packages)});
    } else if (known->packages != packages) {
        model.packages.edit(host, [&](HostPackagesRow& row) { row.packages = std::move(packages); });
    }
}

}  // namespace

/// Hosts of one kind share their properties inside one process.
const std::string& AgentData::properties_text(const std::shared_ptr<const HostProperties>& properties) {
    if (properties_ != properties) {
        properties_ = properties;
        properties_text_ = to_json_value(*properties).dump();
    }
    return properties_text_;
}

/// What the parts of reports that rarely change are compared with, and what they change.
std::uint64_t AgentData::lustre_stamp() const {
    return model_.hosts.version() + model_.interfaces.version() + model_.targets.version() +
           model_.filesystems.version() + model_.client_mounts.version() + model_.alerts.version() +
           engine_.notified();
}

/// The host tells what it told before, with the same values of this process, and nothing has changed since.
bool AgentData::repeats(const SeenLustre& seen, const LustreReport& report) const {
    return seen.stamp == lustre_stamp() && !report.packages && seen.locations == report.resource_locations &&
           seen.mounts == report.mounts && seen.properties == report.properties &&
           seen.client_mounts == report.metrics.raw.lustre_client_mounts;
}

void AgentData::apply_parts(std::int64_t host, const LustreReport& report) {
    HostVolatile& known = model_.host_volatile[host];
    if (report.resource_locations) known.resource_locations = report.resource_locations;
    if (report.mounts) known.mounts = report.mounts;
    if (report.properties) {
        const std::string& text = properties_text(report.properties);
        if (text != model_.hosts.at(host).properties) {
            Notification news{{Kind::host, host}, report.started_at.at, {}, {}, "properties", {}};
            news.apply = [this, host, text] {
                model_.hosts.edit(host, [&](HostRow& row) { row.properties = text; });
            };
            engine_.notify(std::move(news));
        }
    }
    if (report.packages) apply_packages(host, *report.packages);
    if (report.resource_locations) apply_locations(*report.resource_locations, report.started_at.at);
    if (report.mounts) apply_mounts(host, *report.mounts);
    if (const auto& mounts = report.metrics.raw.lustre_client_mounts)
        apply_client_mounts(host, *mounts, report.started_at.at);
}

Result<Nothing> AgentData::lustre_report(std::int64_t host, const Body& body) {
    auto decoded = decode(body);
    if (!decoded) return decoded.error();
    const LustreReport& report = **decoded;
    SeenLustre& seen = seen_[host].lustre;
    if (!repeats(seen, report)) {
        seen = {
            report.resource_locations, report.mounts, report.properties,
            report.metrics.raw.lustre_client_mounts, lustre_stamp()};
        apply_parts(host, report);
        // Only what changed nothing changes nothing the next time.
        if (seen.stamp != lustre_stamp()) seen = {};
    }
    apply_figures(host, report.metrics.raw.lustre.target, report.started_at.at);
    note_node_figures(host, report.metrics.raw.node, report.started_at.at);
    return Nothing{};
}

Result<Nothing> AgentData::packages_scanned(std::int64_t host, const Json& report) {
    if (model_.hosts.find(host) == nullptr || !report.is_object()) return Nothing{};
    auto decoded = from_json_value<PackagesReport>(report, Strictness::lenient);
    if (!decoded) return decoded.error();
    apply_packages(host, *decoded);
    return Nothing{};
}

void AgentData::apply_packages(std::int64_t host, const PackagesReport& report) {
    const HostRow& row = model_.hosts.at(host);
    const ServerProfile& profile = model_.profile_of(row);
    HostPackages packages;
    for (const auto& [bundle, of_bundle] : report) {
        const auto& bundles = profile.bundles;
        if (std::find(bundles.begin(), bundles.end(), bundle) == bundles.end()) continue;
        packages.insert(of_bundle.begin(), of_bundle.end());
    }
    const bool wanted = needs_update(packages, profile.packages);
    keep_packages(model_, host, std::move(packages));
    if (wanted == row.needs_update) return;
    Notification news{{Kind::host, host}, model_.now(), {}, {}, "needs_update", {}};
    news.apply = [this, host, wanted] {
        if (model_.hosts.at(host).needs_update == wanted) return;
        model_.hosts.edit(host, [&](HostRow& edited) { edited.needs_update = wanted; });
        alerts_.set("UpdatesAvailableAlert", {Kind::host, host}, wanted);
    };
    engine_.notify(std::move(news));
}

}  // namespace csim
