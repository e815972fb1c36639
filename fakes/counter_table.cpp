#include "fakes/counter_table.hpp"

#include <array>

namespace csim {

namespace {

constexpr bool moves = true;

/// A counter of requests without sums.
constexpr CounterSpec requests(
    std::string_view name, std::int64_t start, Driver driver, std::int64_t permille,
    bool moves_in_classic = false
) {
    return {name, "reqs", false, false, {.count = start}, driver, permille, moves_in_classic};
}

/// A counter with sums; `start` is count, sum, min, max and, where there is one, sumsquare.
constexpr CounterSpec summed(
    std::string_view name, std::string_view units, CounterValue start, Driver driver, std::int64_t permille
) {
    CounterSpec row{name, units, true, start.sumsquare != 0, start, driver, permille, false};
    row.mean = start.sum / start.count;
    row.mean_square = start.sumsquare / start.count;
    return row;
}

constexpr CounterSpec bytes(std::string_view name, CounterValue start, Driver driver) {
    auto row = summed(name, "bytes", start, driver, 1000);
    row.moves_in_classic = true;
    return row;
}

constexpr std::array ost_rows = {
    requests("set_info_async", 4, Driver::constant, 0),
    requests("disconnect", 1, Driver::constant, 0),
    requests("reconnect", 2, Driver::constant, 0),
    requests("commitrw", 17095, Driver::writes, 1000),
    requests("statfs", 14449, Driver::seconds, 200),
    requests("create", 519, Driver::creates, 10),
    requests("ping", 587, Driver::seconds, 40),
    requests("punch", 127, Driver::creates, 8),
    requests("llog_init", 2, Driver::constant, 0),
    requests("sync", 231, Driver::creates, 15),
    requests("get_info", 50382, Driver::creates, 900),
    requests("connect", 1, Driver::constant, 0),
    requests("destroy", 50254, Driver::creates, 890),
    requests("llog_connect", 1, Driver::constant, 0),
    requests("preprw", 17095, Driver::writes, 1000),
    // The two whose sums are exact come from the byte counters themselves (see target_statistics.cpp).
    bytes("write_bytes", {15203, 15311790080, 4096, 1048576, 0}, Driver::writes),
    bytes("read_bytes", {1892, 502628352, 4096, 1048576, 0}, Driver::reads),
    summed("cache_access", "pages", {122712, 122712, 1, 1, 0}, Driver::reads, 5000),
    summed("cache_miss", "pages", {25561, 25561, 1, 1, 0}, Driver::reads, 1000),
    summed("cache_hit", "pages", {97151, 97151, 1, 1, 0}, Driver::reads, 4000),
    summed("get_page", "usec", {17095, 4745089, 1, 93650, 23275126703}, Driver::writes, 1000),
};

constexpr std::array mdt_rows = {
    requests("mkdir", 7, Driver::mkdirs, 1000, moves),
    requests("rmdir", 7, Driver::rmdirs, 1000, moves),
    requests("getxattr", 31, Driver::getxattrs, 1000, moves),
    requests("close", 52028, Driver::closes, 1000, moves),
    requests("open", 52028, Driver::opens, 1000, moves),
    requests("unlink", 50254, Driver::unlinks, 1000, moves),
    summed("ldlm_ibits_enqueue", "reqs", {103086, 103086, 1, 1, 103086}, Driver::opens, 1980),
    summed("req_qdepth", "reqs", {156851, 18, 0, 1, 18}, Driver::opens, 3000),
    summed("req_active", "reqs", {156851, 157259, 1, 2, 158075}, Driver::opens, 3000),
    summed("req_timeout", "sec", {156851, 157040, 1, 10, 158930}, Driver::opens, 3000),
    summed("req_waittime", "usec", {156851, 3087049, 8, 8706, 4397829873}, Driver::opens, 3000),
    summed("reqbuf_avail", "bufs", {312901, 39981495, 127, 128, 5108762569}, Driver::opens, 6000),
    summed("mds_sync", "usec", {3027, 4480017, 178, 69483, 117311300019}, Driver::opens, 58),
    summed("mds_getattr", "usec", {1, 41, 41, 41, 1681}, Driver::constant, 0),
    summed("mds_getstatus", "usec", {1, 19, 19, 19, 361}, Driver::constant, 0),
    summed("mds_statfs", "usec", {14, 572, 21, 61, 25658}, Driver::seconds, 10),
    summed("mds_connect", "usec", {21, 23369, 70, 4322, 56787309}, Driver::constant, 0),
    summed("mds_getxattr", "usec", {31, 870, 19, 72, 30874}, Driver::getxattrs, 1000),
    summed("obd_ping", "usec", {275, 13260, 39, 66, 647024}, Driver::seconds, 40),
};

}  // namespace

std::span<const CounterSpec> ost_counters() {
    return ost_rows;
}

std::span<const CounterSpec> mdt_counters() {
    return mdt_rows;
}

std::shared_ptr<const std::vector<CounterShape>> shapes_of(std::span<const CounterSpec> rows) {
    auto shapes = std::make_shared<std::vector<CounterShape>>();
    for (const auto& row : rows) {
        shapes->push_back({std::string(row.name), std::string(row.units), row.has_sum, row.has_sumsquare});
    }
    return shapes;
}

}  // namespace csim
