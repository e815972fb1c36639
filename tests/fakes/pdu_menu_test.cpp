// What a telnet client of a power strip sees.
#include "fakes/pdu_menu.hpp"

#include "tests/fakes/small_world.hpp"
#include "tests/support/seeds.hpp"

#include <doctest/doctest.h>

using namespace csim;

TEST_SUITE_BEGIN("fakes/pdu_menu");

namespace {

struct Bench : SmallWorld, PduTerminal {
    explicit Bench(std::optional<PduAccount> account = std::nullopt) : SmallWorld({.booted = false}) {
        power.add_strip();
        for (int i = 0; i < 11; ++i) power.add_server("server" + std::to_string(i));
        menu.emplace(power, context, *power.find("pdu000"), account, *this);
        menu->opened();
    }

    void write(std::string bytes) override { out += bytes; }
    void hang_up() override { hung_up = true; }

    /// What comes back for these bytes, once it is on disk what they did.
    std::string type(std::string_view bytes) {
        menu->received(bytes);
        documents.save_all();
        return std::exchange(out, {});
    }
    void log_in() {
        type("apc\n\n");
        type("apc\n\n");
    }
    std::string reach_control(const std::string& outlet) {
        log_in();
        for (const char* choice : {"1\n\n", "2\n\n", "1\n\n"}) type(choice);
        type(outlet + "\n\n");
        return type("1\n\n");
    }

    std::string out;
    bool hung_up = false;
    FakePower power{context};
    std::optional<PduMenu> menu;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string ctrl_c = "\xff\xf4\xff\xfd\x06";

}  // namespace

TEST_CASE("the login dialogue leads to the console") {
    Bench bench;
    CHECK(bench.type("") == "\n\rUser Name : ");
    CHECK(bench.type("apc\n\n") == "\rPassword : ");
    const std::string console = bench.type("apc\n\n");
    CHECK(console.starts_with("\r\n\n\n\nAmerican Power Conversion"));
    CHECK(has(console, "v3.7.3\n"));
    CHECK(has(console, "\n\n------- Control Console " + std::string(55, '-') + "\n\n     1- Device Manager\n")
    );
    CHECK(console.ends_with("\n> "));
}

TEST_CASE("one or two line ends of any kind end a line") {
    for (const std::string& end : std::vector<std::string>{"\n", "\r", "\r\n", "\n\n", {"\r\0", 2}}) {
        CAPTURE(end.size());
        Bench bench;
        bench.type("");
        CHECK(bench.type("apc" + end) == "\rPassword : ");
        CHECK(has(bench.type("apc" + end), "Control Console"));
        CHECK(has(bench.type("1" + end), "Device Manager"));
        CHECK(has(bench.type("2" + end), "Outlet Management"));
    }
}

TEST_CASE("a second line end that comes a little later belongs to the first") {
    Bench bench;
    bench.type("");
    CHECK(bench.type("apc\n") == "\rPassword : ");
    bench.pass(40ms);
    CHECK(bench.type("\n") == "");
    CHECK(has(bench.type("apc\n"), "Control Console"));
    bench.pass(40ms);
    CHECK(bench.type("\n") == "");
    bench.pass(2s);
    CHECK(has(bench.type("\n"), "Control Console"));
}

TEST_CASE("telnet options are refused wherever they stand") {
    Bench bench;
    bench.type("");
    CHECK(
        bench.type("a\xff\xfd\x03p\xff\xfb\x18\xff\xfa\x18\x01\xff\xf0"
                   "c\n\n") == "\xff\xfc\x03\xff\xfe\x18\rPassword : "
    );
    CHECK(has(bench.type("apc\n"), "Control Console"));
    CHECK(
        has(bench.type("\xff\xfe\x01\xff\xfc\x03"
                       "1\n"),
            "Device Manager")
    );
}

TEST_CASE("screens lead to each other as on the original") {
    Bench bench;
    bench.log_in();
    CHECK(has(bench.type("1\n\n"), "     2- Outlet Management\n"));
    CHECK(has(bench.type("2\n\n"), "     2- Outlet Restriction\n"));
    const std::string list = bench.type("1\n\n");
    CHECK(list.starts_with(
        "\r\n\n------- Outlet Control/Configuration " + std::string(42, '-') +
        "\n     1- Outlet 1                 ON\r\n     2- Outlet 2                 ON\r\n"
    ));
    CHECK(list.find("10- Outlet 10") > list.find("9- Outlet 9"));
    const std::string detail = bench.type("8\n\n");
    CHECK(
        detail ==
        "\r\n\n------- Outlet 8 " + std::string(61, '-') +
            "\n\n        Name         : Outlet 8\n        Outlet       : 8\n        State        : ON\n\n"
            "     1- Control Outlet\n     2- Configure Outlet\n\n"
            "     ?- Help, <ESC>- Back, <ENTER>- Refresh, <CTRL-L>- Event Log\n> "
    );
    CHECK(has(bench.type("1\n\n"), "     7- Cancel\n"));
    CHECK(has(bench.type("\x1b"), "     1- Control Outlet\n"));
    CHECK(has(bench.type("\x1b"), "Outlet Control/Configuration ---"));
    CHECK(has(bench.type("\x1b"), "Outlet Restriction"));
    CHECK(has(bench.type("\x1b"), "Phase Management"));
    CHECK(has(bench.type("\x1b"), "American Power Conversion"));
    CHECK(has(bench.type("\x1b"), "American Power Conversion"));
}

TEST_CASE("an action is confirmed and carried out and shown") {
    Bench bench;
    bench.reach_control("8");
    CHECK(bench.type("2\n\n").ends_with("\n        Enter 'YES' to continue or <ENTER> to cancel : "));
    CHECK(bench.power.find("pdu000")->on(8));
    const std::string done = bench.type("YES\n\n");
    CHECK(done.starts_with(
        "        Command successfully issued.\r\n\r\n        Press <ENTER> to continue...\r\n\r\n\n"
        "------- Control Outlet "
    ));
    CHECK(has(done, "State        : OFF"));
    CHECK(!bench.power.find("pdu000")->on(8));
    CHECK(has(bench.type("\n\n"), "State        : OFF"));
}

// Proves: invariant I-25.
TEST_CASE("success is told only once it is on disk") {
    Bench bench;
    bench.reach_control("3");
    bench.type("2\n\n");
    bench.menu->received("YES\n\n\n\n");
    CHECK(bench.out == "");
    bench.documents.save_all();
    CHECK(has(bench.out, "Command successfully issued."));
    CHECK(has(bench.out.substr(bench.out.find("continue...")), "State        : OFF"));
}

TEST_CASE("anything but YES cancels") {
    Bench bench;
    bench.reach_control("8");
    for (const char* answer : {"\n\n", "yes\n\n", "\x1b", "YESS\n\n"}) {
        bench.type("2\n\n");
        bench.pass(2s);
        CHECK(!has(bench.type(answer), "successfully"));
        CHECK(bench.power.find("pdu000")->on(8));
    }
    CHECK(has(bench.type("7\n\n"), "1- Control Outlet"));
}

TEST_CASE("delayed actions wait and reboots do not hold the session") {
    Bench bench;
    bench.reach_control("5");
    bench.type("5\n\n");
    CHECK(has(bench.type("YES\n\n"), "State        : ON"));
    bench.pass(5s);
    CHECK(has(bench.type("\n\n"), "State        : OFF"));
    bench.type("1\n\n");
    bench.type("YES\n\n");
    bench.type("3\n\n");
    CHECK(has(bench.type("YES\n\n"), "State        : OFF"));
    bench.pass(3s);
    CHECK(has(bench.type("\n\n"), "State        : ON"));
}

// Proves: defect 44.
TEST_CASE("an unknown outlet gets a sentence") {
    Bench bench;
    bench.log_in();
    for (const char* choice : {"1\n\n", "2\n\n", "1\n\n"}) bench.type(choice);
    const std::string answer = bench.type("77\n\n");
    CHECK(has(answer, "There is no outlet 77 here."));
    CHECK(has(answer, "Outlet Control/Configuration"));
    CHECK(!bench.hung_up);
}

TEST_CASE("an outlet that went away under a session leads back to the list") {
    Bench bench;
    bench.reach_control("4");
    bench.type("2\n\n");
    bench.power.remove_server("server3");
    const std::string answer = bench.type("YES\n\n");
    CHECK(has(answer, "Command failed: there is no outlet 4 on pdu000."));
    CHECK(has(answer, "Outlet Control/Configuration"));
}

TEST_CASE("control-c leads to the console after its mark is answered") {
    Bench bench;
    bench.reach_control("8");
    const std::string answer = bench.type(ctrl_c);
    CHECK(answer.starts_with("\xff\xfc\x06\r\n\n\n\nAmerican Power Conversion"));
    CHECK(answer.find("American") == answer.rfind("American"));
    bench.type(ctrl_c.substr(0, 2));
    CHECK(bench.type(ctrl_c.substr(2)).starts_with("\xff\xfc\x06\r\n\n\n\nAmerican Power Conversion"));
}

// Proves: defect 46.
TEST_CASE("four and end-of-file log out") {
    for (const std::string bye : {"4\n\n", "\xff\xec"}) {
        Bench bench;
        bench.log_in();
        CHECK(bench.type(bye) == "Connection Closed - Bye\r\n");
        CHECK(bench.hung_up);
        CHECK(bench.type("1\n\n") == "");
    }
}

TEST_CASE("credentials are checked when there are any") {
    Bench bench(PduAccount{"apc", "secret"});
    bench.type("");
    bench.type("apc\n\n");
    CHECK(bench.type("apc\n\n") == "\n\rUser Name : ");
    bench.type("apc\n\n");
    CHECK(has(bench.type("secret\n\n"), "Control Console"));

    Bench guessing(PduAccount{"apc", "secret"});
    for (int i = 0; i < 3; ++i) guessing.type("apc\n\nwrong\n\n");
    CHECK(guessing.hung_up);
}

TEST_CASE("the same bytes in pieces give the same answers") {
    for_each_seed(20, [](std::uint64_t seed) {
        const std::string bytes =
            "apc\n\napc\r\n1\n\n2\r\n1\n\n8\n\n1\n\n2\n\nYES\n\n\x1b"
            "77\n"
            "4\n\n";
        Bench whole;
        const std::string expected = whole.type(bytes);
        Bench pieces;
        Rng chance = Rng(seed).stream("pieces");
        std::string got;
        for (std::size_t at = 0; at < bytes.size();) {
            const auto size = static_cast<std::size_t>(chance.between(1, 5));
            got += pieces.type(bytes.substr(at, size));
            at += size;
        }
        CHECK(got == expected);
    });
}

TEST_CASE("any bytes at all do no harm") {
    for_each_seed(30, [](std::uint64_t seed) {
        Bench bench;
        Rng chance = Rng(seed).stream("noise");
        const std::string likely = std::string("\n\r\x1b\xff\xfd\xfa\xf0\xf4YES1234567", 17);
        for (int i = 0; i < 2000; ++i) {
            const char byte = chance.chance({1, 4}) ? static_cast<char>(chance.between(-128, 127))
                                                    : likely[static_cast<std::size_t>(chance.between(0, 16))];
            bench.type(std::string(1, byte));
        }
        CHECK(bench.power.violations().empty());
    });
}
