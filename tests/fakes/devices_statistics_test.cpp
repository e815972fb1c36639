#include "core/json_codec.hpp"
#include "fakes/target_statistics.hpp"
#include "tests/fakes/devices_fixture.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

namespace {

struct StatisticsFixture : DevicesFixture {
    StatisticsFixture() { make_filesystem(); }
    TargetStatistics statistics(Workload::Profile profile = Workload::Profile::growing) {
        return TargetStatistics(*targets, *devices, run, Workload{.profile = profile});
    }
};

constexpr auto day = 24h;

}  // namespace

TEST_CASE("activity never runs backwards and keeps its mean") {
    for_each_seed(20, [](std::uint64_t seed) {
        const Activity activity{Rng(seed)};
        const std::int64_t begin = 1'700'000'000;
        auto last = activity.at(begin);
        std::int64_t slowest = INT64_MAX;
        std::int64_t fastest = 0;
        for (std::int64_t second = begin + 1; second < begin + 86'400; ++second) {
            const auto now = activity.at(second);
            slowest = std::min(slowest, now - last);
            fastest = std::max(fastest, now - last);
            last = now;
        }
        CHECK(slowest > 0);
        CHECK(fastest < 3000);
        const auto year = activity.at(begin + 365 * 86'400) - activity.at(begin);
        CHECK(std::abs(year - 365 * 86'400'000LL) < 86'400'000LL / 10);
    });
}

TEST_CASE("activity is higher by day than by night") {
    const Activity activity{Rng(3)};
    const std::int64_t midnight = 1'700'006'400;
    const auto spent = [&](int hour) {
        return activity.at(midnight + (hour + 4) * 3600) - activity.at(midnight + hour * 3600);
    };
    CHECK(spent(12) > 2 * spent(0));
}

// Proves: invariant I-23.
TEST_CASE_FIXTURE(StatisticsFixture, "counters never fall and stay consistent over days") {
    for (const auto profile : {Workload::Profile::growing, Workload::Profile::classic}) {
        auto numbers = statistics(profile);
        for (const auto* serial : {"FAKEDEVICE001", "FAKEDEVICE002"}) {
            INFO(serial);
            auto earlier = *numbers.of(serial, now);
            for (auto at = now; at < now + 40 * day; at += 3h + 7s) {
                const auto later = numbers.of(serial, at);
                for (const auto& violation : statistics_violations(earlier, *later))
                    FAIL_CHECK(violation.sentence);
                earlier = *later;
            }
            CHECK(earlier.stats.values[0].count >= 0);
        }
    }
}

// Proves: defect 88.
TEST_CASE_FIXTURE(StatisticsFixture, "reading more often changes nothing") {
    auto once = statistics();
    auto often = statistics();
    for (auto at = now; at < now + 1h; at += 10s) (void)often.of("FAKEDEVICE002", at);
    CHECK(once.of("FAKEDEVICE002", now + 1h)->to_json() == often.of("FAKEDEVICE002", now + 1h)->to_json());
    const auto first = once.of("FAKEDEVICE002", now + 1h + 1s);
    CHECK(once.of("FAKEDEVICE002", now + 1h + 1500ms) == first);
    CHECK(once.of("FAKEDEVICE002", now + 1h + 2s) != first);
}

TEST_CASE_FIXTURE(StatisticsFixture, "a report that somebody keeps is not written over") {
    auto numbers = statistics();
    const auto kept = numbers.of("FAKEDEVICE002", now + 1h);
    const auto text = kept->to_json();
    (void)numbers.of("FAKEDEVICE002", now + 2h);
    CHECK(kept->to_json() == text);
}

TEST_CASE_FIXTURE(StatisticsFixture, "an OST is as large as its volume and fills with what is written") {
    auto numbers = statistics();
    const auto fresh = *numbers.of("FAKEDEVICE002", now);
    const auto later = *numbers.of("FAKEDEVICE002", now + 30 * day);
    const auto kbytes = default_volume_bytes / 1024;
    CHECK(*fresh.kbytestotal > kbytes * 95 / 100);
    CHECK(*fresh.kbytestotal <= kbytes);
    CHECK(*fresh.filestotal == 2'147'483'648);
    const auto written = later.stats.find("write_bytes")->sum - fresh.stats.find("write_bytes")->sum;
    CHECK(written > 0);
    const auto filled = *fresh.kbytesfree - *later.kbytesfree;
    CHECK(filled == written / 1024 * 5 / 100);
    CHECK(*later.filesfree < *fresh.filesfree);
    CHECK(*numbers.of("FAKEDEVICE002", now + 3650 * day)->kbytesavail > 0);
}

// Proves: defect 62.
TEST_CASE_FIXTURE(StatisticsFixture, "targets differ and a formatted one begins anew") {
    auto numbers = statistics();
    format(a, member_on(3, "ost", 5));
    const auto one = numbers.of("FAKEDEVICE002", now + 5h)->stats.find("read_bytes")->sum;
    CHECK(numbers.of("FAKEDEVICE003", now + 5h)->stats.find("read_bytes")->sum != one);
    stop(2);
    auto again = member_on(2, "ost", 0);
    again.reformat = true;
    now += 5h;
    format(b, again);
    CHECK(numbers.of("FAKEDEVICE002", now)->stats.find("read_bytes")->sum == 0);
    CHECK(numbers.of("FAKEDEVICE004", now) == nullptr);
    CHECK(numbers.of("FAKEDEVICE000", now)->to_json() == Json::object());
}

// Proves: defect 63.
TEST_CASE_FIXTURE(StatisticsFixture, "clients are counted from mounts and the coordinator shows on one MDT") {
    auto numbers = statistics();
    numbers.mounts_of = [&](const std::string& fsname) { return clients->mounts_of(fsname); };
    numbers.hsm_of = [](const std::string&) {
        return std::optional(HsmMetrics{.agents = {1, 0, 1}, .actions = {}});
    };
    CHECK(numbers.of("FAKEDEVICE001", now)->client_count == 0);
    auto& client = *clients->client("imaginary").value();
    REQUIRE(client.mount("10.0.0.1@tcp0", "testfs").has_value());
    CHECK(numbers.of("FAKEDEVICE001", now)->client_count == 1);
    CHECK(numbers.of("FAKEDEVICE002", now)->num_exports == 4);
    CHECK(numbers.of("FAKEDEVICE001", now)->hsm.has_value());
    CHECK_FALSE(numbers.of("FAKEDEVICE002", now)->hsm.has_value());
    clients->unmount_all();
    numbers.hsm_of = nullptr;
    CHECK(numbers.of("FAKEDEVICE001", now)->client_count == 0);
    CHECK_FALSE(numbers.of("FAKEDEVICE001", now)->hsm.has_value());
}

TEST_CASE_FIXTURE(StatisticsFixture, "the classic profile starts with the original's values") {
    auto numbers = statistics(Workload::Profile::classic);
    const auto ost = *numbers.of("FAKEDEVICE002", now);
    CHECK(ost.filesfree == 127575);
    CHECK(ost.kbytesfree == 1979620);
    CHECK(ost.kbytesavail == 1877156);
    CHECK(*ost.stats.find("write_bytes") == CounterValue{15203, 15311790080, 4096, 1048576, 0});
    CHECK(*ost.stats.find("get_page") == CounterValue{17095, 4745089, 1, 93650, 23275126703});
    CHECK(ost.job_stats->at(1).read.min == 106496);
    const auto& rpc = ost.brw_stats->at("rpc_hist").buckets;
    CHECK(rpc.at("24").read.cum_pct == 83);
    CHECK(rpc.at("24").write.cum_pct == 88);
    CHECK(rpc.at("1").write.pct == 79);
    const auto mdt = *numbers.of("FAKEDEVICE001", now);
    CHECK(mdt.stats.find("mds_sync")->sumsquare == 117311300019);
    CHECK(mdt.kbytesfree == 727748);
    CHECK_FALSE(mdt.client_count.has_value());
    const auto later = numbers.of("FAKEDEVICE002", now + 10h);
    const auto bytes_per_s = (later->stats.find("write_bytes")->sum - 15311790080) / 36'000;
    CHECK(bytes_per_s > 100'000'000);
    CHECK(bytes_per_s < 1'500'000'000);
}

TEST_CASE_FIXTURE(StatisticsFixture, "processor time adds up and never runs backwards until the next boot") {
    const Activity activity{run.stream("node-stats/a")};
    auto earlier = node_metrics("a", activity, now, now);
    CHECK(earlier.hostname == "a");
    CHECK(earlier.meminfo.MemFree == 66196);
    const auto others = earlier.cpustats.total - earlier.cpustats.user - earlier.cpustats.system -
                        earlier.cpustats.iowait - earlier.cpustats.idle;
    for (auto at = now + 1s; at < now + 2 * day; at += 97s) {
        const auto later = node_metrics("a", activity, now, at);
        const auto& cpu = later.cpustats;
        CHECK(cpu.total - cpu.user - cpu.system - cpu.iowait - cpu.idle == others);
        CHECK(cpu.user >= earlier.cpustats.user);
        CHECK(cpu.idle > earlier.cpustats.idle);
        CHECK(later.meminfo.MemFree > 0);
        CHECK(later.meminfo.MemFree < later.meminfo.MemTotal);
        earlier = later;
    }
    CHECK(node_metrics("a", activity, now + 2 * day, now + 2 * day).cpustats.total == 17820617);
}
