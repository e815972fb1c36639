// Command lines of fence agents, and reading what they print.
#include "manager/power/power_driver.hpp"

#include <array>
#include <sstream>

namespace csim {

namespace {

std::optional<bool> switch_state(const std::string& word) {
    if (word.starts_with("ON") || word.starts_with("on")) return true;
    if (word.starts_with("OFF") || word.starts_with("off")) return false;
    return std::nullopt;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

const std::string& template_of(const PowerCall& call) {
    switch (call.action) {
        case PowerAction::monitor:
            return call.templates.monitor_template;
        case PowerAction::list:
            return call.templates.outlet_list_template;
        case PowerAction::status:
            return call.templates.outlet_query_template;
        case PowerAction::on:
            return call.templates.poweron_template;
        case PowerAction::off:
            return call.templates.poweroff_template;
        case PowerAction::reboot:
            break;
    }
    return call.templates.powercycle_template;
}

/// `word` with its `%(name)s` replaced. Values are never split or looked into again.
Result<std::string> filled(const std::string& word, const std::map<std::string, std::string>& values) {
    std::string text;
    std::size_t at = 0;
    for (;;) {
        const std::size_t begin = word.find("%(", at);
        text += word.substr(at, begin == std::string::npos ? begin : begin - at);
        if (begin == std::string::npos) return text;
        const std::size_t end = word.find(")s", begin);
        const std::string name = end == std::string::npos ? "" : word.substr(begin + 2, end - begin - 2);
        const auto value = values.find(name);
        if (value == values.end()) {
            return Error{
                Errc::bad_argument, "the command template holds '" + word + "', which names no known value"};
        }
        text += value->second;
        at = end + 2;
    }
}

}  // namespace

const char* fence_action(PowerAction action) {
    static constexpr std::array<const char*, 6> names{"monitor", "list-status", "status",
                                                      "on",      "off",         "reboot"};
    return names.at(static_cast<std::size_t>(action));
}

std::map<std::string, std::optional<bool>> parse_outlet_list(const std::string& text) {
    std::map<std::string, std::optional<bool>> outlets;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(','), last = line.rfind(',');
        if (first == std::string::npos || first == 0 || last == first) continue;
        outlets[line.substr(0, first)] = switch_state(line.substr(last + 1));
    }
    return outlets;
}

std::optional<bool> parse_outlet_status(const std::string& text) {
    static constexpr std::string_view before = "Status: ";
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return std::nullopt;
    return switch_state(text.substr(at + before.size()));
}

Result<std::vector<std::string>> fence_command(const PowerCall& call) {
    const std::map<std::string, std::string> values{
        {"agent", call.agent},
        {"address", call.address},
        {"port", std::to_string(call.port)},
        {"username", call.username},
        {"password", call.password},
        {"identifier", call.outlet},
        {"list_parameter", "list-status"},
    };
    std::vector<std::string> command;
    for (const std::string& word : words_of(template_of(call))) {
        if (word == "%(options)s") {
            for (std::string& option : words_of(call.options)) command.push_back(std::move(option));
            continue;
        }
        auto argument = filled(word, values);
        if (!argument) return argument.error();
        command.push_back(*std::move(argument));
    }
    if (command.empty() || command.front() != call.agent) {
        return Error{Errc::bad_argument, "the command template must begin with %(agent)s"};
    }
    return command;
}

}  // namespace csim
