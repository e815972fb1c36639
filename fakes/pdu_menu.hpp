// One telnet session with a power strip: bytes in, bytes out. No sockets here.
#pragma once

#include "fakes/fake_power.hpp"
#include "fakes/pdu_screens.hpp"
#include "fakes/telnet_decoder.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace csim {

/// Where a menu's answers go. Outlives the menu, or is told to the menu as gone by destroying that.
class PduTerminal {
  public:
    virtual ~PduTerminal() = default;
    virtual void write(std::string bytes) = 0;
    virtual void hang_up() = 0;
};

struct PduAccount {
    std::string username = "apc";
    std::string password = "apc";
};

/// Imitates the menu of an APC 79xx switched rack PDU well enough for fence_apc.
/// Source: the behaviour specification, §3.9.3 to §3.9.5 and appendix C. Differs: options are parsed and
/// refused; one or two line ends; ENTER shows states as they are; Cancel works; delayed actions are delayed;
/// cycling does not hold the session; an unknown outlet gets a sentence; outlets are listed by number;
/// success is told once it is on disk.
class PduMenu {
  public:
    /// Without an account, every name and password will do. `power`, `strip` and `terminal` outlive this.
    PduMenu(
        FakePower& power, const FakesContext& context, PowerStrip& strip, std::optional<PduAccount> account,
        PduTerminal& terminal
    );
    ~PduMenu();

    void opened();
    void received(std::string_view bytes);

  private:
    enum class State { name, password, screen, confirming, issuing, over };

    void work_off();
    void take(const TelnetInput& input);
    void take_login(const std::string& line);
    void take_choice(const std::string& line);
    void take_outlet(const std::string& line);
    void take_confirmation(const std::string& line);
    void go_to(PduScreen screen);
    void show_console();
    void show();
    std::string screen_text();
    void issue();
    void issued(const Result<Nothing>& result);
    void log_out();

    FakePower& power_;
    FakesContext context_;
    PowerStrip& strip_;
    std::optional<PduAccount> account_;
    PduTerminal& terminal_;
    TelnetDecoder decoder_;
    std::deque<TelnetInput> waiting_;
    State state_ = State::name;
    int failed_logins_ = 0;
    std::string name_;
    PduScreen screen_ = PduScreen::console;
    int outlet_ = 0;
    const PduChoice* choice_ = nullptr;
    std::shared_ptr<PduMenu*> self_;  ///< null for what becomes durable too late
};

}  // namespace csim
