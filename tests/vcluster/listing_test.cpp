// Every form in which ldms_ls has printed sets is read.
#include "vcluster/utilities/metric_listing.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("vcluster/listing");

using namespace csim;

// Proves: vcluster C41.
TEST_CASE("C41: the short form is names, in any order") {
    const auto read = parse_metric_listing("b/meminfo\na/meminfo\n");
    REQUIRE(read.has_value());
    CHECK(read->sets.size() == 2);
    CHECK(parse_metric_listing("")->sets.empty());
}

// Proves: vcluster C41.
TEST_CASE("C41: the long form has values by their types, with units or without") {
    const auto read = parse_metric_listing(
        "cn1/meminfo: consistent, last update: Tue Aug 20 18:05:28 2019 -0500 [1611us] \n"
        "M u64        component_id                               10001\n"
        "D u64        MemTotal                                   4028440 kB\n"
        "D s32[]      list                                       -1,2,3\n"
        "D u8[]       bytes                                      0x0a,0xff\n"
        "D d64        load                                       0.250000\n"
        "D char       letter                                     'x'\n"
        "D char[]     text                                       \"two words\"\n\n"
        "old/set: inconsistent, last update: Tue Aug 20 18:05:28 2019\n"
        " D u64        n                                          1\n"
    );
    REQUIRE_MESSAGE(read.has_value(), (read.has_value() ? std::string() : read.error().detail));
    const Json& set = read->sets["cn1/meminfo"];
    CHECK(set["consistent"] == true);
    CHECK(set["ts_usec"] == 1611);
    CHECK(
        set["data"] ==
        Json{
            {"component_id", 10001},
            {"MemTotal", 4028440},
            {"list", {-1, 2, 3}},
            {"bytes", {10, 255}},
            {"load", 0.25},
            {"letter", "x"},
            {"text", "two words"}}
    );
    CHECK(set["data_type"]["list"] == "s32[]");
    CHECK(read->sets["old/set"]["data"]["n"] == 1);
}

// Proves: vcluster C41.
TEST_CASE("C41: the table is read with and without digests and heap sizes") {
    const std::string rule = "-------------- ------------------------ ------ ------ ------\n";
    const std::string foot = rule +
                             "Total Sets: 1, Meta Data (kB): 2.46, Data (kB) 0.63, Memory (kB): "
                             "3.10\n\n=======================\n\n";
    struct Case {
        const char* head;
        const char* row;
        bool heap, digest;
    };
    const Case cases[] = {
        {"Schema         Instance                 Flags  Msize  Dsize  UID    GID    Perm       Update       "
         "     Duration          Info\n",
         "meminfo        cn1/meminfo                 CL     2032    432      0      0 -rwxrwxrwx "
         "1566328023.001611          0.000155 \"updt_hint_us\"=\"1000000:0\"\n",
         false, false},
        {"Schema         Instance                 Flags  Msize  Dsize  Hsize  UID    GID    Perm       "
         "Update            Duration          Info\n",
         "meminfo        cn1/meminfo               C L     2032    432     64      0      0 -rwxrwxrwx "
         "1566328023.001611          0.000155\n",
         true, false},
        {"Schema Digest Instance Flags Msize Dsize UID GID Perm Update Duration Info\n",
         "meminfo 0A1B2C cn1/meminfo CR 2032 432 0 0 -rwxrwxrwx 1566328023.001611 0.000155 x=y\n", false,
         true},
    };
    for (const Case& each : cases) {
        CAPTURE(each.row);
        const auto read = parse_metric_listing(each.head + rule + each.row + foot);
        REQUIRE_MESSAGE(read.has_value(), (read.has_value() ? std::string() : read.error().detail));
        const Json& meta = read->sets["cn1/meminfo"]["meta"];
        CHECK(meta["meta_sz"] == 2032);
        CHECK(meta["data_sz"] == 432);
        CHECK(meta["update"] == 1566328023.001611);
        CHECK(meta["schema"] == "meminfo");
        CHECK(meta.contains("heap_sz") == each.heap);
        CHECK(meta.contains("digest") == each.digest);
        CHECK(meta["flags"].get<std::string>()[0] == 'C');
    }
}

// Proves: vcluster C41.
TEST_CASE("C41: the indented facts of older releases are read") {
    const auto read = parse_metric_listing(
        "cn1/meminfo: consistent, last update: Tue Aug 20 18:05:28 2019 [1us]\n"
        "  METADATA --------\n"
        "    Producer Name : cn1\n"
        "             Size : 2032\n"
        "  DATA ------------\n"
        "       Consistent : TRUE\n"
    );
    REQUIRE_MESSAGE(read.has_value(), (read.has_value() ? std::string() : read.error().detail));
    CHECK(read->sets["cn1/meminfo"]["meta"]["Producer Name"] == "cn1");
    CHECK(read->sets["cn1/meminfo"]["meta"]["Size"] == "2032");
}

// Proves: vcluster C41.
TEST_CASE("C41: what is not a listing says which it is") {
    CHECK(parse_metric_listing("Connection failed/rejected.\n").error().code == Errc::unreachable);
    CHECK(
        parse_metric_listing("ldms_ls: No metric sets matched the given criteria\n").error().code ==
        Errc::not_found
    );
    CHECK(parse_metric_listing("ldms_ls: Error 2 looking up metric set.\n").error().code == Errc::not_found);
    const auto wrong = parse_metric_listing("a/b\nwhat is this\n");
    REQUIRE(!wrong.has_value());
    CHECK(wrong.error().detail == "line 2 of the listing cannot be understood: what is this");
}

TEST_SUITE_END();
