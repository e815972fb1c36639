// What agents tell, piece by piece: drives, figures, packages.
#include "core/utc.hpp"
#include "manager/agent_data/drives.hpp"
#include "manager/model/metric_history.hpp"
#include "tests/manager/full_world.hpp"

#include <doctest/doctest.h>

using namespace csim;
using namespace csim::test;

TEST_SUITE_BEGIN("manager/agent_data");

namespace {

BlockDevice device(const std::string& number, const std::string& path, const std::string& serial = {}) {
    BlockDevice made;
    made.major_minor = number;
    made.path = path;
    made.size = 1000;
    if (!serial.empty()) made.serial_83 = serial;
    return made;
}

std::size_t count(FullWorld& w, const std::string& query) {
    return w.get(query).body["meta"]["total_count"].get<std::size_t>();
}

}  // namespace

TEST_CASE("devices that others are built from are not offered, what is built from them is") {
    struct Case {
        const char* name;
        BlockDevices devices;
        Json sections;
        std::set<std::string> labels;
    };
    auto with_parent = [](BlockDevice child, const char* parent, int number) {
        child.parent = parent;
        child.partition_number = number;
        return child;
    };
    BlockDevice emulated = device("8:0", "/dev/sda", "QEMU HARDDISK QM00001");
    BlockDevice cut = device("8:0", "/dev/sda");
    cut.serial_80 = "0QEMU HARDDISKdisk7";
    const BlockDevices two{
        {"8:0", device("8:0", "/dev/sda", "A")}, {"8:16", device("8:16", "/dev/sdb", "B")}};
    BlockDevices three = two;
    three["253:0"] = device("253:0", "/dev/mapper/x");
    BlockDevices mapped = two;
    mapped["253:0"] = device("253:0", "/dev/mapper/mpatha", "A");
    const std::vector<Case> cases{
        {"plain", two, Json(), {"A", "B"}},
        {"no serial", {{"8:0", device("8:0", "/dev/disk/by-path/p0")}}, Json(), {"p0"}},
        {"emulated", {{"8:0", emulated}}, Json(), {"/dev/sda"}},
        {"emulated with a name", {{"8:0", cut}}, Json(), {"disk7"}},
        {"partition",
         {{"8:0", device("8:0", "/dev/sda", "A")},
          {"8:1", with_parent(device("8:1", "/dev/sda1"), "8:0", 1)}},
         Json(),
         {"A-1"}},
        {"mounted", two, {{"local_fs", {{"8:0", {"/", "ext4"}}}}}, {"B"}},
        {"logical volume",
         three,
         {{"vgs", {{"vg", {{"pvs_major_minor", {"8:0", "8:16"}}}}}},
          {"lvs", {{"vg", {{"lv", {{"uuid", "u1"}, {"block_device", "253:0"}, {"size", 5}}}}}}}},
         {"vg-lv"}},
        {"array",
         three,
         {{"mds", {{"u", {{"path", "/dev/md0"}, {"block_device", "253:0"}, {"drives", {"8:0", "8:16"}}}}}}},
         {"/dev/md0"}},
        {"power path",
         three,
         {{"emcpower",
           {{"u", {{"path", "/dev/emcpowera"}, {"block_device", "253:0"}, {"drives", {"8:0"}}}}}}},
         {"/dev/emcpowera", "B"}},
        {"multipath",
         mapped,
         {{"mpath", {{"mpatha", {{"block_device", "253:0"}, {"nodes", {{{"major_minor", "8:0"}}}}}}}}},
         {"A", "B"}},
        {"pool",
         two,
         {{"zfspools", {{"u", {{"name", "tank"}, {"size", 9}, {"drives", {"8:0", "8:16"}}}}}}},
         {"tank"}},
        {"pool with a dataset",
         two,
         {{"zfspools", {{"u", {{"name", "tank"}, {"drives", {"8:0", "8:16"}}}}}},
          {"zfsdatasets", {{"v", {{"name", "tank/a"}}}}}},
         {"tank/a"}},
        {"nonsense",
         two,
         {{"vgs", 7}, {"lvs", {{"vg", {{"lv", 3}}}}}, {"mpath", {1, 2}}, {"mds", {{"u", nullptr}}}},
         {"A", "B"}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        std::set<std::string> labels;
        for (const Drive& drive : offered_drives(1, c.devices, c.sections)) labels.insert(drive.label);
        CHECK(labels == c.labels);
    }
}

TEST_CASE("of several paths to one drive the multipath one is kept") {
    BlockDevices devices{
        {"8:0", device("8:0", "/dev/sda", "A")},
        {"8:16", device("8:16", "/dev/sdb", "A")},
        {"253:0", device("253:0", "/dev/mapper/mpatha", "A")}};
    const auto drives = offered_drives(1, devices, Json());
    REQUIRE(drives.size() == 1);
    CHECK(drives[0].path == "/dev/mapper/mpatha");
}

TEST_CASE("figures are kept over time, added up and grouped") {
    FullWorld w;
    auto report = [&](int free) {
        w.f().advance(std::chrono::seconds(10));
        Json sent = full_lustre_report(w.f().timeline.now());
        sent["metrics"]["raw"]["lustre"]["target"]["testfs-OST0000"]["kbytesfree"] = free;
        w.cluster.agents[0]->report("lustre", sent);
        w.f().advance(std::chrono::milliseconds(10));
    };
    const std::string begin = utc_text(w.f().timeline.now());
    report(1000);
    report(500);
    const std::string span = "begin=" + percent_encode(begin) + "&end=2030-01-01T00:00:00";
    const Json series = w.get("/api/target/3/metric/?metrics=kbytesfree&" + span).body;
    REQUIRE(series.size() == 2);
    CHECK(series[0]["data"] == Json{{"kbytesfree", 1000.0}});
    CHECK(series[1]["data"] == Json{{"kbytesfree", 500.0}});
    CHECK(w.get("/api/target/3/metric/?max_points=1&metrics=kbytesfree&" + span).body.size() == 1);
    const Json newest = w.get("/api/target/metric/?metrics=kbytesfree&latest=true&kind=OST").body;
    CHECK(newest["3"][0]["data"]["kbytesfree"] == 500.0);
    CHECK(newest["4"][0]["data"]["kbytesfree"] == 1500.0);
    const std::string osts = "/api/target/metric/?metrics=kbytesfree&latest=true&kind=OST";
    CHECK(w.get(osts + "&reduce_fn=sum").body[0]["data"]["kbytesfree"] == 2000.0);
    CHECK(w.get(osts + "&reduce_fn=average").body[0]["data"]["kbytesfree"] == 1000.0);
    CHECK(w.get(osts + "&group_by=filesystem_id").body["1"][0]["data"]["kbytesfree"] == 2000.0);
    const Json total = w.get("/api/filesystem/1/metric/?metrics=filesfree&latest=true").body;
    CHECK(total[0]["data"]["filesfree"] == 4180.0);
    CHECK(w.get("/api/host/1/metric/?metrics=mem_MemFree,cpu_total&latest=true").body[0]["data"].size() == 2);
    CHECK(w.get("/api/filesystem/1/").body["bytes_free"] == 2000.0 * 1024);
    CHECK(w.get("/api/filesystem/1/").body["client_count"] == 2.0);
}

TEST_CASE("figures asked for in ways that make no sense are refused by name") {
    struct Case {
        const char* query;
        const char* field;
    };
    FullWorld w;
    for (const Case& c :
         {Case{"", "begin"}, Case{"begin=2024-01-01T00:00:00", "end"}, Case{"begin=x&end=y", "begin"},
          Case{"latest=true&begin=2024-01-01T00:00:00", "begin"}, Case{"latest=maybe", "latest"},
          Case{"latest=true&reduce_fn=median", "reduce_fn"}, Case{"latest=true&max_points=0", "max_points"},
          Case{"latest=true&group_by=nothing", "group_by"},
          Case{"begin=2025-01-01T00:00:00&end=2024-01-01T00:00:00", "begin"}}) {
        CAPTURE(c.query);
        const RestAnswer answer = w.get(std::string("/api/target/metric/?") + c.query);
        CHECK(answer.status == 400);
        CHECK(answer.body.contains(c.field));
    }
    CHECK(w.get("/api/target/99/metric/?latest=true").status == 404);
}

TEST_CASE("packages are those of the host's bundles, by version, and raise the update alert") {
    FullWorld w;
    const Json packages = w.get("/api/package/").body;
    CHECK(packages["meta"]["total_count"] == 2);
    CHECK(packages["objects"][0]["name"] == "lustre-client");
    CHECK(packages["objects"][0]["version"] == "2.0");
    CHECK(packages["objects"][0]["installed_hosts"] == Json::array({"/api/host/1/", "/api/host/2/"}));
    CHECK(packages["objects"][1]["available_hosts"].size() == 2);
    CHECK(packages["objects"][1]["installed_hosts"].empty());
    CHECK(
        w.get("/api/package/?host=2").body["objects"][0]["installed_hosts"] == Json::array({"/api/host/2/"})
    );
    CHECK(count(w, "/api/package/?host=77") == 0);
    CHECK(w.get("/api/package/?limit=1&offset=1").body["objects"][0]["version"] == "2.1");
    CHECK(w.get("/api/host/1/").body["needs_update"] == true);
    CHECK(count(w, "/api/alert/?active=True&alert_type=UpdatesAvailableAlert") == 2);
}

TEST_SUITE_END();

TEST_CASE("figures give way to newer ones, evenly, however many objects and names there are") {
    MetricHistory history(100);
    const auto two = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"a", "b"});
    const auto three =
        std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"a", "b", "c"});
    const auto at = [](int second) { return SimTime::from_unix_ns(1'000'000'000LL * second); };
    const ObjectRef first{Kind::host, 1}, second{Kind::target, 1};
    for (int i = 1; i <= 70; ++i) history.note(first, {at(i), two, {double(i), double(-i)}});
    history.note(first, {at(70), two, {0, 0}});  // no newer than the newest: dropped
    const MetricSeries& series = *history.find(first);
    REQUIRE(series.size() == 50);
    for (std::size_t i = 0; i < series.size(); ++i) {
        CHECK(series[i].at == at(21 + int(i)));
        CHECK(series[i].names == *two);
        CHECK(series[i].values[1] == -21.0 - double(i));
    }
    for (int i = 71; i <= 90; ++i) history.note(first, {at(i), three, {1, 2, double(i)}});
    REQUIRE(series.size() == 33);
    CHECK(series.back().values[2] == 90);
    CHECK(series[0].names == *two);
    CHECK(series[0].values[0] == 58);
    for (int i = 1; i <= 30; ++i) history.note(second, {at(i), two, {1, double(i)}});
    history.note(first, {at(91), three, {1, 2, 91}});
    CHECK(history.find(second)->size() == 25);
    CHECK(series.size() == 16);
    CHECK(series[0].at == at(76));
    history.forget(first);
    CHECK(history.find(first) == nullptr);
    CHECK(history.noted() == 70 + 1 + 20 + 30 + 1);
}
