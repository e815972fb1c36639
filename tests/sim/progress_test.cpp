#include "sim/progress.hpp"

#include "sim/text_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace csim;

TEST_SUITE_BEGIN("sim/progress");

TEST_CASE("without a terminal at most one line a tenth is written") {
    std::ostringstream out;
    Progress progress(out, false, "registering", 1000);
    for (std::uint64_t done = 0; done <= 1000; ++done)
        progress.show(done, Duration(std::chrono::milliseconds(done)));
    const std::string text = out.str();
    CHECK(std::count(text.begin(), text.end(), '\n') == 10);
    CHECK(text.starts_with("registering 100/1000  1000/s, 1 s left\n"));
    CHECK(text.ends_with("registering 1000/1000\n"));
}

TEST_CASE("on a terminal one line is redrawn") {
    std::ostringstream out;
    Progress progress(out, true, "registering", 4);
    progress.show(1, 1s);
    progress.show(2, 2s);
    CHECK(out.str().find('\n') == std::string::npos);
    progress.finish("registered 4 of 4");
    CHECK(out.str().find("[###############...............] 2/4  1/s, 2 s left") != std::string::npos);
    CHECK(out.str().ends_with("registered 4 of 4\033[K\n"));
}

TEST_CASE("nothing is shown after the end and a total of nothing is no trouble") {
    std::ostringstream out;
    Progress progress(out, false, "starting", 0);
    progress.show(0, 0s);
    progress.finish("nothing to start");
    const std::string text = out.str();
    progress.show(0, 1s);
    progress.finish("again");
    CHECK(out.str() == text);
}

TEST_CASE("a table pads every column but the last") {
    std::ostringstream out;
    TextTable table({"SERVER", "POWER", "TARGETS"});
    table.add({"test000.localdomain", "on", "MGS"});
    table.add({"b", "off", ""});
    table.write(out);
    CHECK(
        out.str() ==
        "SERVER               POWER  TARGETS\n"
        "test000.localdomain  on     MGS\n"
        "b                    off\n"
    );
}
