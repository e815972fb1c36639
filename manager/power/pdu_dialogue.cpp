// Screens are told apart by their titles: "------- Title ---". Each ends with a line that holds "> ".
#include "manager/power/pdu_dialogue.hpp"

#include <cstdlib>
#include <sstream>

namespace csim {

namespace {

constexpr std::size_t text_max = 64 * 1024;
constexpr char iac = '\xff', will = '\xfb', wont = '\xfc', do_it = '\xfd', dont = '\xfe';
// A line ends with two line ends: some strips' simulators throw the character after the first away.
constexpr const char* line_end = "\r\n";
constexpr const char* login_end = "\n\n";
// An offer that every telnet client makes first; a reference simulator takes the user name from behind it.
constexpr const char* offer = "\xff\xfd\x05";
// What telnet makes of Ctrl-C: back to the first menu.
constexpr const char* interrupt = "\xff\xf4\xff\xfd\x06";

bool ends_with(const std::string& text, std::string_view end) {
    return std::string_view(text).ends_with(end);
}

/// Reads `     7- Outlet 7                 ON`.
std::map<std::string, std::optional<bool>> outlet_lines(const std::string& screen) {
    std::map<std::string, std::optional<bool>> outlets;
    std::istringstream lines(screen);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string number, word, last;
        words >> number;
        while (words >> word) last = word;
        if (number.size() < 2 || number.back() != '-' || (last != "ON" && last != "OFF")) continue;
        number.pop_back();
        if (number.find_first_not_of("0123456789") != std::string::npos) continue;
        outlets[number] = last == "ON";
    }
    return outlets;
}

}  // namespace

PduDialogue::PduDialogue(PowerAction action, std::string outlet, std::string username, std::string password)
    : action_(action),
      outlet_(std::move(outlet)),
      username_(std::move(username)),
      password_(std::move(password)),
      result_(Error{Errc::unreachable, "the power device hung up before it had answered"}) {}

Result<PowerAnswer> PduDialogue::result() const {
    return result_;
}

std::string PduDialogue::received(std::string_view bytes) {
    std::string replies;
    text_ += plain_text(bytes, replies);
    if (text_.size() > text_max) {
        state_ = State::over;
        result_ =
            Error{Errc::corrupt, "the power device talks without end; is this an APC 79xx power strip?"};
        return replies;
    }
    std::string line = next_line();
    if (!line.empty()) text_.clear();
    return replies + line;
}

/// Takes telnet commands out and refuses what they ask for.
std::string PduDialogue::plain_text(std::string_view bytes, std::string& replies) {
    std::string plain;
    for (const char byte : bytes) {
        if (command_.empty() && byte != iac) {
            if (byte != '\0') plain += byte;
            continue;
        }
        command_ += byte;
        if (command_.size() < 2) continue;
        const char verb = command_[1];
        const bool has_option = verb == will || verb == wont || verb == do_it || verb == dont;
        if (has_option && command_.size() < 3) continue;
        if (verb == do_it) replies += {iac, wont, command_[2]};
        if (verb == will) replies += {iac, dont, command_[2]};
        command_.clear();
    }
    return plain;
}

std::string PduDialogue::next_line() {
    switch (state_) {
        case State::user_name:
            if (text_.find("User Name") == std::string::npos || !ends_with(text_, ": ")) return {};
            state_ = State::password;
            return offer + username_ + login_end;
        case State::password:
            if (text_.find("Password") == std::string::npos || !ends_with(text_, ": ")) return {};
            state_ = State::menus;
            return password_ + login_end;
        case State::confirmed:
            return switched();
        case State::menus:
            return answer_screen();
        case State::logging_out:
            if (!ends_with(text_, "\n> ") || !screen_titled("Control Console")) return {};
            state_ = State::over;
            return std::string("4") + line_end;
        case State::over:
            break;
    }
    return {};
}

bool PduDialogue::screen_titled(std::string_view title) const {
    return text_.find("------- " + std::string(title) + " -") != std::string::npos;
}

std::string PduDialogue::answer_screen() {
    if (text_.find("User Name") != std::string::npos && ends_with(text_, ": ")) {
        state_ = State::over;
        result_ = Error{Errc::refused, "the power device refuses the user name or the password"};
        return {};
    }
    if (text_.find("Enter 'YES' to continue") != std::string::npos && ends_with(text_, ": ")) {
        state_ = State::confirmed;
        return std::string("YES") + line_end;
    }
    if (!ends_with(text_, "\n> ")) return {};
    auto choose = [](std::string choice) { return choice + line_end; };
    if (screen_titled("Control Console")) {
        return action_ == PowerAction::monitor ? finish(PowerAnswer{{}, "The device answers"}) : choose("1");
    }
    if (screen_titled("Device Manager")) return choose("2");
    if (screen_titled("Outlet Management")) return choose("1");
    if (screen_titled("Outlet Control/Configuration")) return leave_outlet_list();
    if (screen_titled("Control Outlet")) {
        return choose(action_ == PowerAction::on ? "1" : action_ == PowerAction::off ? "2" : "3");
    }
    if (text_.find("1- Control Outlet") != std::string::npos) return choose("1");
    return finish(Error{
        Errc::corrupt, "the power device shows a menu that an APC 79xx power strip does not have"});
}

std::string PduDialogue::leave_outlet_list() {
    PowerAnswer answer{outlet_lines(text_), {}};
    if (action_ == PowerAction::list) {
        answer.console = std::to_string(answer.outlets.size()) + " outlets";
        return finish(std::move(answer));
    }
    const auto at = answer.outlets.find(outlet_);
    if (at == answer.outlets.end()) {
        return finish(Error{Errc::not_found, "the power device has no outlet " + outlet_});
    }
    if (action_ != PowerAction::status) return outlet_ + line_end;
    return finish(PowerAnswer{{*at}, *at->second ? "Status: ON" : "Status: OFF"});
}

std::optional<bool> PduDialogue::shown_state() const {
    const std::size_t at = text_.rfind("State        : ");
    if (at == std::string::npos) return std::nullopt;
    const std::string word = text_.substr(at + 15, 3);
    if (word == "OFF") return false;
    return word.starts_with("ON") ? std::optional(true) : std::nullopt;
}

std::string PduDialogue::switched() {
    issued_ = issued_ || text_.find("successfully issued") != std::string::npos;
    const std::size_t last = text_.find_last_not_of("\r\n ");
    if (!entered_ && last != std::string::npos &&
        ends_with(text_.substr(0, last + 1), "Press <ENTER> to continue...")) {
        entered_ = true;
        return line_end;
    }
    if (!ends_with(text_, "\n> ")) return {};
    if (!issued_) {
        return finish(Error{Errc::conflict, "the power device did not carry the command out"});
    }
    const auto state = shown_state();
    const bool wanted = action_ != PowerAction::off;
    if (action_ != PowerAction::reboot && state && *state != wanted) {
        return finish(Error{
            Errc::conflict, "the power device took the command, but outlet " + outlet_ + " did not change"});
    }
    return finish(PowerAnswer{
        {{outlet_, wanted}}, "Success: outlet " + outlet_ + (wanted ? " is on" : " is off")});
}

std::string PduDialogue::finish(Result<PowerAnswer> result) {
    result_ = std::move(result);
    state_ = State::logging_out;
    // On the first menu there is nothing to go back from.
    if (screen_titled("Control Console")) return next_line();
    return interrupt;
}

}  // namespace csim
