// Names are shared by all samples of a class.
#include "manager/storage/controller_figures.hpp"

namespace csim {

namespace {

constexpr std::int64_t figure_max = 1000;

const std::vector<StorageFigure> controller_rows{
    {"luns", "LUNs", ""}, {"disks", "Disks", ""}, {"lun_bytes", "Capacity of LUNs", "Bytes"}};
const std::vector<StorageFigure> lun_rows{
    {"read_ops_sec", "Read operations", "Operations/s"},
    {"write_ops_sec", "Write operations", "Operations/s"},
    {"read_bytes_sec", "Read bandwidth", "Bytes/s"},
    {"write_bytes_sec", "Write bandwidth", "Bytes/s"}};
const std::vector<StorageFigure> disk_rows{
    {"read_bytes_sec", "Read bandwidth", "Bytes/s"}, {"write_bytes_sec", "Write bandwidth", "Bytes/s"}};

MetricNames names_of(const std::vector<StorageFigure>& rows, bool with_histogram) {
    std::vector<std::string> names;
    for (const StorageFigure& row : rows) names.emplace_back(row.name);
    if (with_histogram) {
        for (const std::string& bin : latency_bins()) {
            std::string name(latency_histogram);
            name += '/';
            names.push_back(name += bin);
        }
    }
    return std::make_shared<const std::vector<std::string>>(std::move(names));
}

MetricSample drawn(Rng& rng, SimTime at, const MetricNames& names) {
    MetricSample sample{at, names, {}};
    sample.values.reserve(names->size());
    for (std::size_t i = 0; i < names->size(); ++i)
        sample.values.push_back(static_cast<double>(rng.between(std::int64_t{0}, figure_max)));
    return sample;
}

}  // namespace

const std::vector<StorageFigure>& storage_figures(std::string_view class_name) {
    if (class_name == "Lun") return lun_rows;
    return class_name == "Disk" ? disk_rows : controller_rows;
}

const std::vector<std::string>& latency_bins() {
    static const std::vector<std::string> bins = [] {
        std::vector<std::string> made{"0-16"};
        for (int end = 32; end <= 32768; end *= 2)
            made.push_back(std::to_string(end / 2 + 1) + "-" + std::to_string(end));
        return made;
    }();
    return bins;
}

MetricSample controller_figures(const ControllerReport& report, SimTime at) {
    static const MetricNames names = names_of(controller_rows, false);
    double bytes = 0;
    for (const auto& lun : report.luns) bytes += static_cast<double>(lun.second.size_bytes);
    return {
        at,
        names,
        {static_cast<double>(report.luns.size()), static_cast<double>(report.disks.size()), bytes}};
}

MetricSample lun_figures(Rng& rng, SimTime at) {
    static const MetricNames names = names_of(lun_rows, true);
    return drawn(rng, at, names);
}

MetricSample disk_figures(Rng& rng, SimTime at) {
    static const MetricNames names = names_of(disk_rows, false);
    return drawn(rng, at, names);
}

}  // namespace csim
