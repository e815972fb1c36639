// The screens of an APC 79xx power strip, as text. What they lead to is the menu's business.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

enum class PduScreen { console, device_manager, outlet_manager, outlet_list, outlet_detail, outlet_control };

/// An outlet as screens show it.
struct ShownOutlet {
    int number = 0;
    bool on = false;
};

/// The screen that ESC leads to.
PduScreen parent_of(PduScreen screen);
/// The screen that this choice leads to; the same screen for choices that lead nowhere. Outlets of the list
/// and actions are not choices of this kind.
PduScreen child_of(PduScreen screen, std::string_view choice);

/// A screen that shows no outlets.
std::string plain_screen(PduScreen screen);
std::string outlet_list_screen(const std::vector<ShownOutlet>& outlets);
/// Detail or control.
std::string outlet_screen(PduScreen screen, const ShownOutlet& outlet);
/// Stands before the console screen after login and Ctrl-C.
std::string_view console_banner();

/// What an outlet is asked to do on its control screen. Null for choices that are none.
struct PduChoice {
    std::string_view key;
    std::string_view title;
};
const PduChoice* find_pdu_choice(std::string_view key);
/// The question before anything is switched.
std::string confirmation(const PduChoice& choice, int outlet);

}  // namespace csim
