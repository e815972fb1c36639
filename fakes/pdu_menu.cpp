#include "fakes/pdu_menu.hpp"

#include <cassert>
#include <utility>

namespace csim {
namespace {

constexpr int failed_logins_max = 3;
constexpr std::size_t waiting_max = 1024;
const std::string indent(8, ' ');

// A second line end belongs to the first for that long. fence_apc's comes 40 ms later, a person's ENTER does
// not. At login it may take any time: taking it for an empty password would be worse than losing it.
constexpr Duration patience = 1s;
constexpr Duration patience_at_login = 3600s;

struct PduAction {
    OutletCommand command;
    OutletTiming timing;
};

PduAction action_of(const PduChoice& choice) {
    constexpr OutletCommand commands[] = {OutletCommand::on, OutletCommand::off, OutletCommand::reboot};
    const int index = choice.key[0] - '1';
    return {commands[index % 3], index < 3 ? OutletTiming::at_once : OutletTiming::delayed};
}

std::string without_trailing_blanks(std::string text) {
    text.erase(text.find_last_not_of(" \t") + 1);
    return text;
}

}  // namespace

PduMenu::PduMenu(
    FakePower& power, const FakesContext& context, PowerStrip& strip, std::optional<PduAccount> account,
    PduTerminal& terminal
)
    : power_(power),
      context_(context),
      strip_(strip),
      account_(std::move(account)),
      terminal_(terminal),
      self_(std::make_shared<PduMenu*>(this)) {}

PduMenu::~PduMenu() {
    *self_ = nullptr;
}

void PduMenu::opened() {
    terminal_.write("\n\rUser Name : ");
}

void PduMenu::received(std::string_view bytes) {
    const bool at_login = state_ == State::name || state_ == State::password;
    auto decoded = decoder_.feed(bytes, context_.timeline.now(), at_login ? patience_at_login : patience);
    if (state_ == State::over) return;
    if (!decoded.replies.empty()) terminal_.write(std::move(decoded.replies));
    for (TelnetInput& input : decoded.inputs) waiting_.push_back(std::move(input));
    // Nobody types that far ahead while one command goes to disk.
    if (waiting_.size() > waiting_max) return log_out();
    work_off();
}

void PduMenu::work_off() {
    while (!waiting_.empty() && state_ != State::issuing && state_ != State::over) {
        const TelnetInput input = std::move(waiting_.front());
        waiting_.pop_front();
        take(input);
    }
}

void PduMenu::take(const TelnetInput& input) {
    if (input.kind == TelnetInput::Kind::end) return log_out();
    const bool logged_in = state_ == State::screen || state_ == State::confirming;
    if (input.kind == TelnetInput::Kind::interrupt) return logged_in ? show_console() : log_out();
    if (input.kind == TelnetInput::Kind::escape) {
        if (logged_in) go_to(state_ == State::confirming ? screen_ : parent_of(screen_));
        return;
    }
    if (!logged_in) return take_login(input.text);
    if (state_ == State::confirming) return take_confirmation(input.text);
    take_choice(input.text);
}

void PduMenu::take_login(const std::string& line) {
    if (state_ == State::name) {
        name_ = line;
        state_ = State::password;
        return terminal_.write("\rPassword : ");
    }
    if (!account_ || (name_ == account_->username && line == account_->password)) return show_console();
    if (++failed_logins_ == failed_logins_max) return log_out();
    state_ = State::name;
    terminal_.write("\n\rUser Name : ");
}

void PduMenu::take_choice(const std::string& line) {
    if (screen_ == PduScreen::console && line == "4") return log_out();
    if (line.empty()) return show();
    if (screen_ == PduScreen::outlet_list) return take_outlet(line);
    if (screen_ == PduScreen::outlet_control) {
        choice_ = find_pdu_choice(line);
        if (choice_ != nullptr) {
            state_ = State::confirming;
            return terminal_.write(confirmation(*choice_, outlet_));
        }
    }
    screen_ = child_of(screen_, line);
    show();
}

void PduMenu::take_outlet(const std::string& line) {
    const int outlet = parse_outlet(line);
    if (strip_.has(outlet)) {
        outlet_ = outlet;
        return go_to(PduScreen::outlet_detail);
    }
    terminal_.write("\r\n" + indent + "There is no outlet " + line + " here.\r\n");
    show();
}

void PduMenu::take_confirmation(const std::string& line) {
    if (without_trailing_blanks(line) == "YES") return issue();
    terminal_.write("\r\n" + indent + "Press <ENTER> to continue...\r\n");
    go_to(screen_);
}

void PduMenu::go_to(PduScreen screen) {
    state_ = State::screen;
    const bool from_top = screen == PduScreen::console;
    if (from_top) return show_console();
    screen_ = screen;
    show();
}

void PduMenu::show_console() {
    state_ = State::screen;
    screen_ = PduScreen::console;
    terminal_.write("\r\n" + std::string(console_banner()) + plain_screen(screen_));
}

void PduMenu::show() {
    const bool of_outlet = screen_ == PduScreen::outlet_detail || screen_ == PduScreen::outlet_control;
    if (of_outlet && !strip_.has(outlet_)) {
        terminal_.write("\r\n" + indent + "Outlet " + std::to_string(outlet_) + " is no longer there.\r\n");
        screen_ = PduScreen::outlet_list;
    }
    terminal_.write("\r\n" + screen_text());
}

std::string PduMenu::screen_text() {
    if (screen_ == PduScreen::outlet_list) {
        std::vector<ShownOutlet> shown;
        for (const int outlet : strip_.outlets()) shown.push_back({outlet, strip_.on(outlet)});
        return outlet_list_screen(shown);
    }
    if (screen_ == PduScreen::outlet_detail || screen_ == PduScreen::outlet_control) {
        return outlet_screen(screen_, {outlet_, strip_.on(outlet_)});
    }
    return plain_screen(screen_);
}

void PduMenu::issue() {
    assert(choice_ != nullptr);
    const PduAction action = action_of(*choice_);
    const auto result = power_.command(strip_.name(), outlet_, action.command, action.timing);
    if (!result) return issued(result);
    state_ = State::issuing;
    context_.documents.when_durable([self = self_] {
        if (*self != nullptr) (*self)->issued(Nothing{});
    });
}

void PduMenu::issued(const Result<Nothing>& result) {
    if (state_ == State::over) return;
    terminal_.write(
        result ? indent + "Command successfully issued.\r\n"
               : indent + "Command failed: " + result.error().detail + ".\r\n"
    );
    terminal_.write("\r\n" + indent + "Press <ENTER> to continue...\r\n");
    go_to(PduScreen::outlet_control);
    work_off();
}

void PduMenu::log_out() {
    if (state_ == State::over) return;
    state_ = State::over;
    waiting_.clear();
    terminal_.write("Connection Closed - Bye\r\n");
    terminal_.hang_up();
}

}  // namespace csim
