// The menu of an APC 79xx power strip as a conversation: takes what the strip sends, says what to send back.
// Knows no sockets and no time.
#pragma once

#include "manager/power/power_driver.hpp"

#include <string>
#include <string_view>

namespace csim {

/// One operation from log-in to log-out. Whoever moves the bytes limits its time and closes when over().
/// Source: the manager API, §3.7.11; screens as in the simulator's behaviour, appendix C. Differs: what the
/// strip says is checked at each step, and a switched outlet is believed only when the strip shows its new
/// state.
class PduDialogue {
  public:
    PduDialogue(PowerAction action, std::string outlet, std::string username, std::string password);

    /// Returns what to send, often nothing.
    std::string received(std::string_view bytes);
    /// True when nothing is left to say.
    bool over() const { return state_ == State::over; }
    /// What came of it; an error if the conversation has not reached its end, as when the peer hangs up.
    Result<PowerAnswer> result() const;

  private:
    enum class State { user_name, password, menus, confirmed, logging_out, over };

    std::string plain_text(std::string_view bytes, std::string& replies);
    std::string next_line();
    std::string answer_screen();
    std::string leave_outlet_list();
    std::string switched();
    std::string finish(Result<PowerAnswer> result);
    bool screen_titled(std::string_view title) const;
    std::optional<bool> shown_state() const;

    const PowerAction action_;
    const std::string outlet_, username_, password_;
    State state_ = State::user_name;
    std::string text_;      ///< since the last thing that was said
    std::string command_;   ///< an unfinished telnet command
    bool issued_ = false;   ///< the strip says that it carried the command out
    bool entered_ = false;  ///< and was told to go on
    Result<PowerAnswer> result_;
};

}  // namespace csim
