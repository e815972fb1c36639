#include "fakes/pdu_screens.hpp"

#include <array>

namespace csim {
namespace {

using enum PduScreen;

constexpr std::string_view banner =
    "\n\n\n"
    "American Power Conversion               Network Management Card AOS      v3.7.3\n"
    "(c) Copyright 2009 All Rights Reserved  Rack PDU APP                     v3.7.3\n"
    "-------------------------------------------------------------------------------\n"
    "Name      : RackPDU                                   Date : 02/13/2013\n"
    "Contact   : Unknown                                   Time : 10:49:37\n"
    "Location  : Unknown                                   User : Administrator\n"
    "Up Time   : 7 Days 15 Hours 31 Minutes                Stat : P+ N+ A+\n"
    "\n"
    "Switched Rack PDU: Communication Established\n";

/// Item `number - 1` of a screen; `to` is the screen itself where nothing lies behind it.
struct Item {
    std::string_view title;
    PduScreen to;
};

struct ScreenRow {
    PduScreen screen;
    PduScreen parent;
    std::string_view title;
    std::size_t dashes;
    std::string_view footer;
    std::vector<Item> items;
};

constexpr std::string_view footer_main = "<ESC>- Main Menu, <ENTER>- Refresh, <CTRL-L>- Event Log";
constexpr std::string_view footer_back = "<ESC>- Back, <ENTER>- Refresh, <CTRL-L>- Event Log";
constexpr std::string_view footer_help = "?- Help, <ESC>- Back, <ENTER>- Refresh, <CTRL-L>- Event Log";

const std::vector<ScreenRow>& rows() {
    static const std::vector<ScreenRow> table = {
        {console,
         console,
         "Control Console",
         55,
         footer_main,
         {{"Device Manager", device_manager},
          {"Network", console},
          {"System", console},
          {"Logout", console}}},
        {device_manager,
         console,
         "Device Manager",
         56,
         footer_back,
         {{"Phase Management", device_manager},
          {"Outlet Management", outlet_manager},
          {"Power Supply Status", device_manager}}},
        {outlet_manager,
         device_manager,
         "Outlet Management",
         53,
         footer_back,
         {{"Outlet Control/Configuration", outlet_list}, {"Outlet Restriction", outlet_manager}}},
        {outlet_list, outlet_manager, "Outlet Control/Configuration", 42, footer_back, {}},
        {outlet_detail,
         outlet_list,
         "Outlet ",
         61,
         footer_help,
         {{"Control Outlet", outlet_control}, {"Configure Outlet", outlet_detail}}},
        {outlet_control,
         outlet_detail,
         "Control Outlet",
         56,
         footer_help,
         {{"Immediate On", outlet_control},
          {"Immediate Off", outlet_control},
          {"Immediate Reboot", outlet_control},
          {"Delayed On", outlet_control},
          {"Delayed Off", outlet_control},
          {"Delayed Reboot", outlet_control},
          {"Cancel", outlet_detail}}},
    };
    return table;
}

const ScreenRow& row_of(PduScreen screen) {
    return rows().at(static_cast<std::size_t>(screen));
}

std::string heading(const ScreenRow& row, const std::string& more = "") {
    return "\n------- " + std::string(row.title) + more + " " + std::string(row.dashes, '-') + "\n";
}

std::string items_of(const ScreenRow& row) {
    std::string text = "\n";
    int number = 0;
    for (const Item& item : row.items) {
        text += "     " + std::to_string(++number) + "- " + std::string(item.title) + "\n";
    }
    return text;
}

std::string ending(const ScreenRow& row) {
    return "\n     " + std::string(row.footer) + "\n> ";
}

const char* state_word(bool on) {
    return on ? "ON" : "OFF";
}

constexpr auto choices = std::to_array<PduChoice>({
    {"1", "Immediate On"},
    {"2", "Immediate Off"},
    {"3", "Immediate Reboot"},
    {"4", "Delayed On"},
    {"5", "Delayed Off"},
    {"6", "Delayed Reboot"},
});

}  // namespace

PduScreen parent_of(PduScreen screen) {
    return row_of(screen).parent;
}

PduScreen child_of(PduScreen screen, std::string_view choice) {
    const ScreenRow& row = row_of(screen);
    if (choice.size() != 1 || choice[0] < '1') return screen;
    const auto index = static_cast<std::size_t>(choice[0] - '1');
    return index < row.items.size() ? row.items[index].to : screen;
}

std::string plain_screen(PduScreen screen) {
    const ScreenRow& row = row_of(screen);
    return heading(row) + items_of(row) + ending(row);
}

std::string outlet_list_screen(const std::vector<ShownOutlet>& outlets) {
    const ScreenRow& row = row_of(outlet_list);
    std::string text = heading(row);
    for (const ShownOutlet& outlet : outlets) {
        const std::string number = std::to_string(outlet.number);
        text +=
            "     " + number + "- Outlet " + number + std::string(17, ' ') + state_word(outlet.on) + "\r\n";
    }
    return text + ending(row);
}

std::string outlet_screen(PduScreen screen, const ShownOutlet& outlet) {
    const ScreenRow& row = row_of(screen);
    const std::string number = std::to_string(outlet.number);
    return heading(row, screen == outlet_detail ? number : "") + "\n        Name         : Outlet " + number +
           "\n        Outlet       : " + number + "\n        State        : " + state_word(outlet.on) + "\n" +
           items_of(row) + ending(row);
}

std::string_view console_banner() {
    return banner;
}

const PduChoice* find_pdu_choice(std::string_view key) {
    for (const PduChoice& choice : choices) {
        if (choice.key == key) return &choice;
    }
    return nullptr;
}

std::string confirmation(const PduChoice& choice, int outlet) {
    return "\n        " + std::string(71, '-') + "\n        " + std::string(choice.title) + ": outlet " +
           std::to_string(outlet) +
           "\n        What it feeds gains or loses power accordingly.\n\n"
           "        Enter 'YES' to continue or <ENTER> to cancel : ";
}

}  // namespace csim
