// Programs that pass text on, changed.
#include "vcluster/model/programs.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace csim::model {
namespace {

/// The lines of a text, without their ends.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// What is in the files named, or on standard input. A file that is missing is told, and the status becomes 1.
std::vector<std::pair<std::string, std::string>> inputs(Call& call, const std::vector<std::string>& files, int& status) {
    if (files.empty()) return {{"", call.in->rest()}};
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& each : files) {
        NodeFile file;
        const int wrong = each == "-" ? 0 : call.node.read(call.path(each), file);
        if (wrong != 0) status = call.fail(1, call.name() + ": " + each + ": " + reason(wrong));
        else all.emplace_back(each, each == "-" ? call.in->rest() : file.content);
    }
    return all;
}

int head_or_tail(Call& call) {
    std::vector<std::string> words = call.arguments;
    if (words.size() > 1 && words[1].size() > 1 && std::isdigit(static_cast<unsigned char>(words[1][1])) != 0)
        words[1].insert(1, "n");
    const Options options = parse_options(words, "n:c:q");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const bool head = call.name().ends_with("head");
    const std::string given = options.value(options.has("c") ? "c" : "n", "10");
    const bool from = given.starts_with("+");
    const auto count = static_cast<std::size_t>(std::strtoul(given.c_str() + (from || given.starts_with("-") ? 1 : 0), nullptr, 10));
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
        const std::size_t counts[] = {static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), words, text.size()};
        const char* letters[] = {"l", "w", "c"};
        std::string line;
        for (int i = 0; i < 3; ++i)
            if (options.given.empty() || options.has(letters[i])) line += (line.empty() ? "" : " ") + std::to_string(counts[i]);
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
            all.push_back(pattern_of(each, options.has("F") && !options.has("w"), options.has("E") || options.has("w"), options.has("i")));
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
            const bool match = std::any_of(all.begin(), all.end(), [&](const auto& each) { return std::regex_search(line, found, each); });
            if (match == options.has("v")) continue;
            ++count;
            if (options.has("q") || options.has("c")) continue;
            call.say(prefix + (options.has("n") ? std::to_string(number) + ":" : "") +
                     (options.has("o") ? found.str() : line) + "\n");
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
        const auto how = parts[4] == "g" ? std::regex_constants::format_default : std::regex_constants::format_first_only;
        for (const auto& [name, text] : inputs(call, operands, status))
            for (const std::string& line : lines_of(text)) call.say(std::regex_replace(line, from, to, how) + "\n");
    } catch (const std::regex_error&) {
        return call.fail(1, "sed: -e expression #1, char 0: invalid regular expression");
    }
    return status;
}

/// Ranges such as 1,3-5 of `cut`.
bool chosen(const std::string& list, std::size_t number) {
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) {
        const auto dash = part.find('-');
        const auto low = static_cast<std::size_t>(std::atoi(part.c_str()));
        std::size_t high = dash == std::string::npos ? low : static_cast<std::size_t>(std::atoi(part.c_str() + dash + 1));
        if (dash != std::string::npos && dash + 1 == part.size()) high = std::string::npos;
        if (number >= std::max<std::size_t>(low, 1) && number <= high) return true;
    }
    return false;
}

int cut(Call& call) {
    const Options options = parse_options(call.arguments, "d:f:c:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const char separator = options.value("d", "\t").empty() ? '\t' : options.value("d", "\t")[0];
    int status = 0;
    for (const auto& [name, text] : inputs(call, options.operands, status)) {
        for (const std::string& line : lines_of(text)) {
            std::string out;
            if (options.has("c")) {
                for (std::size_t i = 0; i < line.size(); ++i)
                    if (chosen(options.value("c"), i + 1)) out += line[i];
            } else if (line.find(separator) == std::string::npos) {
                out = line;
            } else {
                std::istringstream fields(line);
                std::size_t number = 0;
                bool first = true;
                for (std::string field; std::getline(fields, field, separator);) {
                    if (!chosen(options.value("f"), ++number)) continue;
                    if (!first) out += separator;
                    out += field, first = false;
                }
            }
            call.say(out + "\n");
        }
    }
    return status;
}

int sort(Call& call) {
    const Options options = parse_options(call.arguments, "unr");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    std::vector<std::string> lines;
    for (const auto& [name, text] : inputs(call, options.operands, status))
        for (const std::string& line : lines_of(text)) lines.push_back(line);
    std::stable_sort(lines.begin(), lines.end(), [&](const std::string& a, const std::string& b) {
        if (!options.has("n")) return a < b;
        return std::strtod(a.c_str(), nullptr) < std::strtod(b.c_str(), nullptr);
    });
    if (options.has("r")) std::reverse(lines.begin(), lines.end());
    if (options.has("u")) lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    for (const std::string& line : lines) call.say(line + "\n");
    return status;
}

int uniq(Call& call) {
    const Options options = parse_options(call.arguments, "c");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    for (const auto& [name, text] : inputs(call, options.operands, status)) {
        const auto lines = lines_of(text);
        for (std::size_t i = 0; i < lines.size();) {
            std::size_t same = i;
            while (same < lines.size() && lines[same] == lines[i]) ++same;
            const std::string count = std::to_string(same - i);
            if (options.has("c")) call.say(std::string(count.size() < 7 ? 7 - count.size() : 0, ' ') + count + " ");
            call.say(lines[i] + "\n");
            i = same;
        }
    }
    return status;
}

std::string character_set(const std::string& given) {
    std::string all;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] == '\\' && i + 1 < given.size()) {
            const char c = given[++i];
            all += c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
        } else if (i + 2 < given.size() && given[i + 1] == '-') {
            for (int c = given[i]; c <= given[i + 2]; ++c) all += static_cast<char>(c);
            i += 2;
        } else {
            all += given[i];
        }
    }
    return all;
}

int tr(Call& call) {
    const Options options = parse_options(call.arguments, "ds");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.empty()) return call.fail(1, "tr: missing operand");
    const std::string from = character_set(options.operands[0]);
    const std::string to = options.operands.size() > 1 ? character_set(options.operands[1]) : "";
    std::string out;
    for (const char c : call.in->rest()) {
        const auto at = from.find(c);
        if (at == std::string::npos) out += c;
        else if (options.has("d")) continue;
        else if (options.has("s") && to.empty()) out += !out.empty() && out.back() == c ? "" : std::string(1, c);
        else if (!to.empty()) out += to[std::min(at, to.size() - 1)];
    }
    call.say(out);
    return 0;
}

int tee(Call& call) {
    const Options options = parse_options(call.arguments, "a");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    NodeFile file;
    file.content = call.in->rest();
    call.say(file.content);
    int status = 0;
    for (const std::string& each : options.operands)
        if (const int wrong = call.node.write(call.path(each), file, options.has("a")); wrong != 0)
            status = call.fail(1, "tee: " + each + ": " + reason(wrong));
    return status;
}

const Program rows[] = {
    {"cut", cut}, {"grep", grep}, {"head", head_or_tail}, {"sed", sed}, {"sort", sort},
    {"tail", head_or_tail}, {"tee", tee}, {"tr", tr}, {"uniq", uniq}, {"wc", wc},
};

}  // namespace

std::span<const Program> text_programs() {
    return rows;
}

}  // namespace csim::model
