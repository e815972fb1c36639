// Programs that take lines apart and put them in order.
#include "vcluster/model/text_input.hpp"

#include <algorithm>
#include <sstream>

namespace csim::model {
namespace {

/// Ranges such as 1,3-5 of `cut`.
bool chosen(const std::string& list, std::size_t number) {
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) {
        const auto dash = part.find('-');
        const auto low = static_cast<std::size_t>(std::atoi(part.c_str()));
        std::size_t high =
            dash == std::string::npos ? low : static_cast<std::size_t>(std::atoi(part.c_str() + dash + 1));
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
            if (options.has("c"))
                call.say(std::string(count.size() < 7 ? 7 - count.size() : 0, ' ') + count + " ");
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
        if (at == std::string::npos)
            out += c;
        else if (options.has("d"))
            continue;
        else if (options.has("s") && to.empty())
            out += !out.empty() && out.back() == c ? "" : std::string(1, c);
        else if (!to.empty())
            out += to[std::min(at, to.size() - 1)];
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
    {"cut", cut}, {"sort", sort}, {"tee", tee}, {"tr", tr}, {"uniq", uniq},
};

}  // namespace

std::span<const Program> column_programs() {
    return rows;
}

}  // namespace csim::model
