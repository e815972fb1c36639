// Programs that pass text on, changed.
#include "vcluster/model/text_input.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace csim::model {
namespace {

int head_or_tail(Call& call) {
    std::vector<std::string> words = call.arguments;
    if (words.size() > 1 && words[1].size() > 1 && std::isdigit(static_cast<unsigned char>(words[1][1])) != 0)
        words[1].insert(1, "n");
    const Options options = parse_options(words, "n:c:q");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const bool head = call.name().ends_with("head");
    const std::string given = options.value(options.has("c") ? "c" : "n", "10");
    const bool from = given.starts_with("+");
    const auto count = static_cast<std::size_t>(
        std::strtoul(given.c_str() + (from || given.starts_with("-") ? 1 : 0), nullptr, 10)
    );
    int status = 0;
    for (const auto& [name, text] : inputs(call, options.operands, status)) {
        if (options.has("c")) {
            call.say(head ? text.substr(0, count) : text.substr(text.size() - std::min(count, text.size())));
            continue;
        }
        const auto lines = lines_of(text);
        std::size_t first = head ? 0 : lines.size() - std::min(count, lines.size());
        if (from) first = std::min(count > 0 ? count - 1 : 0, lines.size());
        const std::size_t end = head ? std::min(count, lines.size()) : lines.size();
        for (std::size_t i = first; i < end; ++i) call.say(lines[i] + "\n");
    }
    return status;
}

int wc(Call& call) {
    const Options options = parse_options(call.arguments, "lwc");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    for (const auto& [name, text] : inputs(call, options.operands, status)) {
        std::istringstream in(text);
        std::size_t words = 0;
        for (std::string word; in >> word;) ++words;
        const std::size_t counts[] = {
            static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), words, text.size()};
        const char* letters[] = {"l", "w", "c"};
        std::string line;
        for (int i = 0; i < 3; ++i)
            if (options.given.empty() || options.has(letters[i]))
                line += (line.empty() ? "" : " ") + std::to_string(counts[i]);
        call.say(line + (name.empty() ? "" : " " + name) + "\n");
    }
    return status;
}

std::regex pattern_of(const std::string& text, bool fixed, bool extended, bool no_case) {
    std::string pattern = text;
    if (fixed) pattern = std::regex_replace(text, std::regex(R"([.^$|()\[\]{}*+?\\])"), R"(\$&)");
    auto flags = fixed || extended ? std::regex::ECMAScript : std::regex::basic;
    return std::regex(pattern, no_case ? flags | std::regex::icase : flags);
}

int grep(Call& call) {
    Options options = parse_options(call.arguments, "cqivEFnowe:s");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    std::vector<std::string> patterns = options.values("e");
    if (patterns.empty()) {
        if (options.operands.empty()) return call.fail(2, "Usage: grep [OPTION]... PATTERNS [FILE]...");
        patterns.push_back(options.operands.front());
        options.operands.erase(options.operands.begin());
    }
    std::vector<std::regex> all;
    try {
        for (std::string each : patterns) {
            if (options.has("w")) each = "\\b" + each + "\\b";
            all.push_back(pattern_of(
                each, options.has("F") && !options.has("w"), options.has("E") || options.has("w"),
                options.has("i")
            ));
        }
    } catch (const std::regex_error&) {
        return call.fail(2, "grep: Invalid regular expression");
    }
    int status = 0, matches = 0;
    for (const auto& [name, text] : inputs(call, options.operands, status)) {
        const std::string prefix = options.operands.size() > 1 ? name + ":" : "";
        int count = 0, number = 0;
        for (const std::string& line : lines_of(text)) {
            ++number;
            std::smatch found;
            const bool match = std::any_of(all.begin(), all.end(), [&](const auto& each) {
                return std::regex_search(line, found, each);
            });
            if (match == options.has("v")) continue;
            ++count;
            if (options.has("q") || options.has("c")) continue;
            call.say(
                prefix + (options.has("n") ? std::to_string(number) + ":" : "") +
                (options.has("o") ? found.str() : line) + "\n"
            );
        }
        matches += count;
        if (options.has("c")) call.say(prefix + std::to_string(count) + "\n");
    }
    return status != 0 ? 2 : matches > 0 ? 0 : 1;
}

int sed(Call& call) {
    const Options options = parse_options(call.arguments, "nEe:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    auto operands = options.operands;
    std::string script = options.value("e");
    if (script.empty() && !operands.empty()) script = operands.front(), operands.erase(operands.begin());
    std::smatch parts;
    static const std::regex print(R"((\d+)(?:,(\d+|\$))?p)"), replace(R"(s([/|#,])(.*)\1(.*)\1(g?))");
    int status = 0;
    if (std::regex_match(script, parts, print) && options.has("n")) {
        const int first = std::stoi(parts[1]);
        const int last = !parts[2].matched ? first : parts[2] == "$" ? 1 << 30 : std::stoi(parts[2]);
        for (const auto& [name, text] : inputs(call, operands, status)) {
            int number = 0;
            for (const std::string& line : lines_of(text))
                if (++number >= first && number <= last) call.say(line + "\n");
        }
        return status;
    }
    if (!std::regex_match(script, parts, replace)) return option_not_modelled(call, script);
    std::string to = std::regex_replace(parts[3].str(), std::regex(R"(\\([0-9]))"), "$$$1");
    to = std::regex_replace(to, std::regex("&"), "$$&");
    try {
        const std::regex from = pattern_of(parts[2], false, options.has("E"), false);
        const auto how =
            parts[4] == "g" ? std::regex_constants::format_default : std::regex_constants::format_first_only;
        for (const auto& [name, text] : inputs(call, operands, status))
            for (const std::string& line : lines_of(text))
                call.say(std::regex_replace(line, from, to, how) + "\n");
    } catch (const std::regex_error&) {
        return call.fail(1, "sed: -e expression #1, char 0: invalid regular expression");
    }
    return status;
}

const Program rows[] = {
    {"grep", grep}, {"head", head_or_tail}, {"sed", sed}, {"tail", head_or_tail}, {"wc", wc},
};

}  // namespace

std::span<const Program> text_programs() {
    return rows;
}

}  // namespace csim::model
