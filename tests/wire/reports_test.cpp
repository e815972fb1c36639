#include "core/json_codec.hpp"
#include "core/utc.hpp"
#include "wire/reports/corosync.hpp"
#include "wire/reports/linux.hpp"
#include "wire/reports/linux_network.hpp"
#include "wire/reports/lustre.hpp"
#include "wire/reports/systemd_journal.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("wire/reports");

namespace {

Json parsed(const char* text) {
    return *parse_json(text);
}

template <class T>
Result<T> decoded(const char* text) {
    return from_json_value<T>(parsed(text), Strictness::lenient);
}

}  // namespace

TEST_CASE("an interface is one flat object with its counters as text") {
    const char* text =
        R"({"mac_address": "12:34:00:00:01:00", "inet4_address": "10.0.0.2", "inet4_prefix": 24,
        "inet6_address": null, "type": "tcp", "rx_bytes": "17", "tx_bytes": "18",
        "up": true, "slave": false})";
    const auto interface = decoded<InterfaceReport>(text);
    REQUIRE(interface.has_value());
    CHECK(interface->rx_bytes == 17);
    CHECK(to_json_value(*interface) == parsed(text));
}

TEST_CASE("byte counters that are no decimal numbers are refused with their path") {
    for (const char* text : {R"({"rx_bytes": "1x"})", R"({"rx_bytes": -1})", R"({"rx_bytes": ""})"}) {
        const auto interface = decoded<InterfaceReport>(text);
        REQUIRE(!interface.has_value());
        CHECK(interface.error().detail.starts_with("/rx_bytes: "));
    }
    CHECK(decoded<InterfaceReport>(R"({"rx_bytes": 5})")->rx_bytes == 5);
}

TEST_CASE("a cluster that is not seen is an empty object and one that is unchanged is null") {
    CHECK(decoded<CorosyncReport>(R"({"state": null, "crm_info": null})")->crm_info == std::nullopt);
    const auto report = decoded<CorosyncReport>(R"({"state": {"corosync": "started", "pacemaker": "stopped"},
        "crm_info": {}})");
    REQUIRE(report.has_value());
    CHECK(report->crm_info->empty());
    CHECK(to_json_value(*report)["crm_info"] == Json::object());
}

TEST_CASE("instants keep the suffix they came with") {
    for (const char* text : {"2026-11-21T01:25:09.063206+00:00Z", "2026-11-21T01:25:09.063206+00:00"}) {
        const auto time = from_json_value<WireTime>(Json(text), Strictness::exact);
        REQUIRE(time.has_value());
        CHECK(to_json_value(*time) == text);
    }
    CHECK(!from_json_value<WireTime>(Json("yesterday"), Strictness::exact).has_value());
}

TEST_CASE("target metrics write what they have and no nulls") {
    CHECK(TargetMetrics{}.to_json() == Json::object());
    const char* text =
        R"({"filestotal": 5, "stats": {"read_bytes": {"count": 1, "units": "bytes", "sum": 4096,
        "min": 4096, "max": 4096}, "ping": {"count": 2, "units": "reqs"}}})";
    const auto metrics = decoded<TargetMetrics>(text);
    REQUIRE(metrics.has_value());
    CHECK(metrics->stats.find("read_bytes")->sum == 4096);
    CHECK(metrics->stats.find("nothing") == nullptr);
    CHECK(metrics->to_json() == parsed(text));
}

TEST_CASE("a lustre report of a real agent decodes with nulls and foreign keys and failed parts") {
    const auto report = decode_lustre_report(parsed(R"({"started_at": "2026-11-21T01:25:09Z",
        "agent_version": "4.0", "capabilities": null, "properties": null, "mounts": null, "packages": null,
        "new_key": 1, "resource_locations": {"crm_mon_error": {"rc": 6, "stdout": "", "stderr": "down"}},
        "metrics": {"raw": {"node": {"hostname": "a", "meminfo": {"MemFree": 3, "Percpu": 1}, "cpustats": {}},
            "lustre": {"target": {"fs-OST0000": {"filesfree": 7}, "fs-OST0001": {"filesfree": "many"}},
                       "lnet": {}, "jobid_var": "disable"}, "lustre_client_mounts": null}}})"));
    REQUIRE(report.has_value());
    CHECK(report->resource_locations == nullptr);
    CHECK(report->metrics.raw.lustre.target.size() == 1);
    CHECK(report->metrics.raw.node.meminfo.MemFree == 3);
    CHECK(report->metrics.raw.lustre_client_mounts == nullptr);
}

TEST_CASE("a lustre report that is none is refused with a path") {
    const auto report = decode_lustre_report(parsed(R"({"metrics": {"raw": {"node": 5}}})"));
    REQUIRE(!report.has_value());
    CHECK(report.error().detail.starts_with("/metrics/raw/node: "));
    CHECK(!decode_lustre_report(parsed("[]")).has_value());
}

TEST_SUITE_END();
