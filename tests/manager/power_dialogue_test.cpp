// The menu of a power strip, spoken to a strip made of text: screens as the real ones lay them out, cut
// anywhere.
#include "manager/power/pdu_dialogue.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace csim;

TEST_SUITE_BEGIN("manager/power/dialogue");

namespace {

/// Answers lines with screens. Line ends as the strictest known strip: one more byte is thrown away after
/// each.
class Strip {
  public:
    std::map<int, bool> outlets{{1, true}, {2, true}, {10, false}};
    bool refuses = false, obeys = true, waits_for_enter = false;
    int login_lines = 0;
    bool closed = false;

    std::string greet() { return "\n\rUser Name : "; }

    std::string take(const std::string& bytes) {
        std::string out;
        for (char byte : bytes) out += take_byte(byte);
        return out;
    }

  private:
    std::string take_byte(char byte) {
        if (skip_) {
            skip_ = false;
            return {};
        }
        line_ += byte;
        if (line_ == "\xff\xf4\xff\xfd\x06") {
            line_.clear();
            place_ = "console";
            return "\xff\xfc\x06" + screen();
        }
        if (byte != '\n' && byte != '\r') return {};
        line_.pop_back();
        const std::string line = std::exchange(line_, {});
        if (login_lines < 4) {
            ++login_lines;
            if (login_lines == 2) return "\rPassword : ";
            if (login_lines == 4 && refuses) return login_lines = 0, greet();
            return login_lines == 4 ? screen() : "";
        }
        skip_ = true;
        return answer(line);
    }

    std::string answer(const std::string& line) {
        if (place_ == "confirm") return act(line);
        if (place_ == "console" && line == "4") return closed = true, "Connection Closed - Bye\r\n";
        if (place_ == "console" && line == "1")
            place_ = "devices";
        else if (place_ == "devices" && line == "2")
            place_ = "outlets";
        else if (place_ == "outlets" && line == "1")
            place_ = "list";
        else if (place_ == "list" && !line.empty() && outlets.contains(std::stoi(line)))
            outlet_ = std::stoi(line), place_ = "outlet";
        else if (place_ == "outlet" && line == "1")
            place_ = "control";
        else if (place_ == "control" && !line.empty()) {
            choice_ = line;
            place_ = "confirm";
            return "\n        Enter 'YES' to continue or <ENTER> to cancel : ";
        }
        return screen();
    }

    std::string act(const std::string& line) {
        place_ = "control";
        std::string said;
        if (line == "YES") {
            if (obeys) outlets[outlet_] = choice_ != "2";
            said = "        Command successfully issued.\r\n";
        }
        said += "\r\n        Press <ENTER> to continue...\r\n";
        return waits_for_enter ? said : said + screen();
    }

    std::string block() {
        return "        Outlet       : " + std::to_string(outlet_) +
               "\n        State        : " + (outlets[outlet_] ? "ON" : "OFF") + "\n\n";
    }

    std::string screen() {
        std::string text = "\r\n\n------- ";
        if (place_ == "console") text += "Control Console -----\n\n     1- Device Manager\n     4- Logout\n";
        if (place_ == "devices") text += "Device Manager -----\n\n     2- Outlet Management\n";
        if (place_ == "outlets")
            text +=
                "Outlet Management -----\n\n     1- Outlet Control/Configuration\n     2- Outlet "
                "Restriction\n";
        if (place_ == "list") {
            text += "Outlet Control/Configuration -----\n";
            for (const auto& [number, on] : outlets) {
                text += "     " + std::to_string(number) + "- Outlet " + std::to_string(number) + "     " +
                        (on ? "ON" : "OFF") + "\r\n";
            }
        }
        if (place_ == "outlet")
            text += "Outlet " + std::to_string(outlet_) + " -----\n\n" + block() + "     1- Control Outlet\n";
        if (place_ == "control") text += "Control Outlet -----\n\n" + block() + "     1- Immediate On\n";
        return text + "\n     <ESC>- Back\n> ";
    }

    std::string place_ = "console", line_, choice_;
    int outlet_ = 0;
    bool skip_ = false;
};

/// Runs the conversation with pieces of `piece` bytes; stops when either side has had enough.
Result<PowerAnswer> talk(
    Strip& strip, PowerAction action, const std::string& outlet, std::size_t piece = 1000
) {
    PduDialogue dialogue(action, outlet, "apc", "secret");
    std::string incoming = strip.greet();
    for (int turns = 0; !incoming.empty() && !dialogue.over() && turns < 2000; ++turns) {
        const std::string part = incoming.substr(0, piece);
        incoming.erase(0, part.size());
        incoming += strip.take(dialogue.received(part));
    }
    CHECK(dialogue.over());
    return dialogue.result();
}

}  // namespace

TEST_CASE("a listing names every outlet with its state however the bytes are cut") {
    for (std::size_t piece : {1u, 2u, 7u, 1000u}) {
        CAPTURE(piece);
        Strip strip;
        const auto answer = talk(strip, PowerAction::list, {}, piece);
        REQUIRE(answer.has_value());
        CHECK(
            answer->outlets ==
            std::map<std::string, std::optional<bool>>{{"1", true}, {"10", false}, {"2", true}}
        );
        CHECK(strip.closed);
    }
}

TEST_CASE("switching changes the one outlet and says its new state") {
    Strip strip;
    const auto off = talk(strip, PowerAction::off, "2", 3);
    REQUIRE(off.has_value());
    CHECK(off->outlets.at("2") == false);
    CHECK(strip.outlets == std::map<int, bool>{{1, true}, {2, false}, {10, false}});
    Strip patient;
    patient.waits_for_enter = true;
    const auto on = talk(patient, PowerAction::on, "10");
    REQUIRE(on.has_value());
    CHECK(patient.outlets.at(10));
}

TEST_CASE("a check of the device touches no outlet and logs out") {
    Strip strip;
    CHECK(talk(strip, PowerAction::monitor, {}).has_value());
    CHECK(strip.closed);
}

TEST_CASE("what goes wrong is told apart") {
    Strip unknown;
    CHECK(talk(unknown, PowerAction::on, "7").error().code == Errc::not_found);
    Strip refusing;
    refusing.refuses = true;
    CHECK(talk(refusing, PowerAction::list, {}).error().code == Errc::refused);
    Strip disobedient;
    disobedient.obeys = false;
    CHECK(talk(disobedient, PowerAction::off, "1").error().code == Errc::conflict);
    PduDialogue hung_up(PowerAction::list, {}, "apc", "apc");
    hung_up.received("\n\rUser Name : ");
    CHECK(hung_up.result().error().code == Errc::unreachable);
}

TEST_CASE("endless talk ends the conversation") {
    PduDialogue dialogue(PowerAction::list, {}, "apc", "apc");
    for (int i = 0; i < 100 && !dialogue.over(); ++i) dialogue.received(std::string(1000, 'x'));
    CHECK(dialogue.over());
    CHECK(dialogue.result().error().code == Errc::corrupt);
}

TEST_CASE("telnet offers are refused and never seen as text") {
    PduDialogue dialogue(PowerAction::list, {}, "apc", "apc");
    CHECK(dialogue.received("\xff\xfd\x01\xff\xfb\x03") == "\xff\xfc\x01\xff\xfe\x03");
    CHECK(dialogue.received("User Na\xff\xfb\x01me : ").ends_with("apc\n\n"));
}

TEST_CASE("a command line is filled without ever splitting a value") {
    PowerCall call;
    call.action = PowerAction::on;
    call.agent = "fence_apc";
    call.address = "127.0.0.1";
    call.port = 2300;
    call.username = "a b; rm";
    call.password = "%(agent)s";
    call.outlet = "3";
    call.options = " --ssh  -x ";
    const std::vector<std::string> wanted{"fence_apc", "--ssh", "-x", "-a",      "127.0.0.1",
                                          "-u",        "2300",  "-l", "a b; rm", "-p",
                                          "%(agent)s", "-o",    "on", "-n",      "3"};
    CHECK(*fence_command(call) == wanted);
    call.templates.poweron_template = "sh -c %(options)s";
    CHECK_FALSE(fence_command(call).has_value());
    call.templates.poweron_template = "%(agent)s %(nothing)s";
    CHECK_FALSE(fence_command(call).has_value());
}

TEST_CASE("what fence agents print is read with unknown states left open") {
    const auto outlets = parse_outlet_list("1,Outlet 1,ON\n2,a,b,OFF\n3,Outlet 3,UNKNOWN\nnoise\n,x,ON\n");
    CHECK(
        outlets == std::map<std::string, std::optional<bool>>{{"1", true}, {"2", false}, {"3", std::nullopt}}
    );
    CHECK(parse_outlet_status("Status: ON\n") == true);
    CHECK(parse_outlet_status("Status: OFF") == false);
    CHECK_FALSE(parse_outlet_status("Failed: Unable to connect").has_value());
}

TEST_SUITE_END();
