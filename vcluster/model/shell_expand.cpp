// Words of the shell's language become texts: quotes, variables, substituted commands, patterns.
#include "vcluster/model/shell.hpp"
#include "vcluster/model/shell_tokens.hpp"

#include <algorithm>
#include <charconv>

namespace csim::model {

/// Part of a word. What was not quoted may be split at blanks and may be a pattern.
struct Shell::Piece {
    std::string text;
    bool quoted = false;
    bool replaced = false;
};

namespace {

bool is_name(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_pattern(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
}

std::string without_newlines(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// `a{1..3}b` as a1b a2b a3b; the word itself if it has no range.
std::vector<std::string> ranges(const std::string& raw) {
    const auto open = raw.find('{');
    const auto dots = raw.find("..", open == std::string::npos ? 0 : open);
    const auto close = raw.find('}', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || dots == std::string::npos || close == std::string::npos || dots > close)
        return {raw};
    if (open > 0 && raw[open - 1] == '$') return {raw};
    const std::string first = raw.substr(open + 1, dots - open - 1);
    const std::string last = raw.substr(dots + 2, close - dots - 2);
    int from = 0, to = 0;
    const auto number = [](const std::string& text, int& value) {
        const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
        return wrong == std::errc{} && end == text.data() + text.size();
    };
    if (!number(first, from) || !number(last, to) || std::abs(to - from) > 100000) return {raw};
    const std::size_t width = first.starts_with("0") ? first.size() : 0;
    std::vector<std::string> all;
    for (int i = from;; i += from <= to ? 1 : -1) {
        std::string text = std::to_string(i);
        if (text.size() < width) text.insert(0, width - text.size(), '0');
        for (const std::string& rest : ranges(raw.substr(close + 1)))
            all.push_back(raw.substr(0, open) + text + rest);
        if (i == to) break;
    }
    return all;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return glob_matches(pattern.substr(1), text) ||
               (!text.empty() && glob_matches(pattern, text.substr(1)));
    if (text.empty()) return false;
    if (pattern[0] == '[') {
        const auto end = pattern.find(']', 2);
        if (end == std::string_view::npos)
            return pattern[0] == text[0] && glob_matches(pattern.substr(1), text.substr(1));
        bool in = false;
        const bool negated = pattern[1] == '!' || pattern[1] == '^';
        for (std::size_t i = negated ? 2 : 1; i < end; ++i) {
            const bool range = i + 2 < end && pattern[i + 1] == '-';
            if (text[0] >= pattern[i] && text[0] <= pattern[range ? i + 2 : i]) in = true;
            if (range) i += 2;
        }
        return in != negated && glob_matches(pattern.substr(end + 1), text.substr(1));
    }
    if (pattern[0] == '\\' && pattern.size() > 1)
        pattern = pattern.substr(1);
    else if (pattern[0] == '?')
        return glob_matches(pattern.substr(1), text.substr(1));
    return pattern[0] == text[0] && glob_matches(pattern.substr(1), text.substr(1));
}

std::string Shell::variable(const std::string& name, int line) {
    if (name == "?") return std::to_string(last_status_);
    if (name == "$") return std::to_string(call_.process.pid);
    if (name == "!") return std::to_string(last_background_);
    if (name == "#") return std::to_string(positional.empty() ? 0 : positional.size() - 1);
    if (name == "@" || name == "*") {
        std::string all;
        for (std::size_t i = 1; i < positional.size(); ++i) all += (i > 1 ? " " : "") + positional[i];
        return all;
    }
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
        const auto number = static_cast<std::size_t>(std::strtoul(name.c_str(), nullptr, 10));
        return number < positional.size() ? positional[number] : "";
    }
    if (name == "PWD") return folder_;
    const auto otherwise = name.find(":-");
    const std::string plain = name.substr(0, otherwise);
    if (!is_name(plain)) {
        complaint_ = "cluster-sim: shell: line " + std::to_string(line) + ": '${" + name + "}' not modelled";
        return "";
    }
    const auto found = variables_.find(plain);
    if (otherwise != std::string::npos)
        return found == variables_.end() || found->second.empty() ? name.substr(otherwise + 2)
                                                                  : found->second;
    if (found == variables_.end() && strict_) complaint_ = "bash: " + plain + ": unbound variable";
    return found == variables_.end() ? "" : found->second;
}

Task<std::string> Shell::dollar(std::string raw, int line) {
    if (raw.starts_with("$(")) {
        const auto list = parse_shell(raw.substr(2, raw.size() - 3));
        if (!list) {
            complaint_ = list.error().detail;
            co_return std::string();
        }
        auto buffer = std::make_shared<Buffer>();
        ShellIo io = io_;
        io.out = buffer;
        Shell inner = *this;
        const int status = co_await inner.run(*list, io);
        last_status_ = status;
        co_return without_newlines(buffer->held);
    }
    const bool braces = raw.starts_with("${");
    co_return variable(braces ? raw.substr(2, raw.size() - 3) : raw.substr(1), line);
}

Task<std::vector<Shell::Piece>> Shell::pieces(std::string raw, int line) {
    std::vector<Piece> all;
    bool in_quotes = false;
    if (raw == "~" || raw.starts_with("~/")) {
        all.push_back({variables_["HOME"], true, false});
        raw.erase(0, 1);
    }
    for (std::size_t i = 0; i < raw.size();) {
        const char c = raw[i];
        if (c == '\'' && !in_quotes) {
            const auto end = raw.find('\'', i + 1);
            all.push_back({raw.substr(i + 1, end - i - 1), true, false});
            i = end + 1;
        } else if (c == '"') {
            in_quotes = !in_quotes;
            if (in_quotes) all.push_back({"", true, false});
            ++i;
        } else if (c == '\\' && i + 1 < raw.size()) {
            const bool special =
                !in_quotes || std::string_view("$`\"\\\n").find(raw[i + 1]) != std::string_view::npos;
            all.push_back({special ? raw.substr(i + 1, 1) : raw.substr(i, 2), true, false});
            i += 2;
        } else if (c == '$' && i + 1 < raw.size()) {
            std::size_t end = end_of_quoted(raw, i, line);
            if (end == i + 1) {
                if (is_name_char(raw[end]) && std::isdigit(static_cast<unsigned char>(raw[end])) == 0) {
                    while (end < raw.size() && is_name_char(raw[end])) ++end;
                } else if (std::string_view("?$#@*!0123456789").find(raw[end]) != std::string_view::npos) {
                    ++end;
                }
            }
            if (end == i + 1) {
                all.push_back({"$", in_quotes, false});
            } else {
                std::string part = raw.substr(i, end - i);
                std::string value = co_await dollar(std::move(part), line);
                all.push_back({std::move(value), in_quotes, true});
            }
            i = end;
        } else {
            all.push_back({std::string(1, c), in_quotes, false});
            ++i;
        }
    }
    co_return all;
}

Task<std::string> Shell::expand_text(std::string raw, int line) {
    const std::vector<Piece> parts = co_await pieces(std::move(raw), line);
    std::string text;
    for (const Piece& each : parts) text += each.text;
    co_return text;
}

// A quoted pattern's characters are marked, so that only the others are taken as a pattern.
Task<Shell::Words> Shell::expand(std::vector<ShellWord> words) {
    Words all;
    for (const ShellWord& word : words) {
        if (word.raw == "\"$@\"") {
            for (std::size_t i = 1; i < positional.size(); ++i) all.push_back(positional[i]);
            continue;
        }
        const bool plain = word.raw.find_first_of("'\"\\") == std::string::npos;
        const Words spread = plain ? ranges(word.raw) : Words{word.raw};
        for (const std::string& raw : spread) {
            const std::vector<Piece> parts = co_await pieces(raw, word.line);
            std::string field, pattern;
            bool any = false, wild = false;
            const auto finish = [&] {
                const Words matches = any && wild ? glob(pattern) : Words{};
                if (!matches.empty())
                    all.insert(all.end(), matches.begin(), matches.end());
                else if (any)
                    all.push_back(field);
                field.clear(), pattern.clear();
                any = wild = false;
            };
            for (const Piece& part : parts) {
                any = any || part.quoted;
                for (const char c : part.text) {
                    if (part.replaced && !part.quoted && std::isspace(static_cast<unsigned char>(c)) != 0) {
                        finish();
                        continue;
                    }
                    if (part.quoted && has_pattern(std::string_view(&c, 1))) pattern += '\\';
                    wild = wild || (!part.quoted && has_pattern(std::string_view(&c, 1)));
                    field += c, pattern += c;
                    any = true;
                }
            }
            finish();
        }
    }
    co_return all;
}

Shell::Words Shell::glob(const std::string& pattern) const {
    const bool absolute = pattern.starts_with("/");
    Words found{absolute ? "/" : ""};
    for (std::size_t at = 0; at < pattern.size();) {
        const auto end = std::min(pattern.find('/', at), pattern.size());
        const std::string part = pattern.substr(at, end - at);
        at = end + 1;
        if (part.empty()) continue;
        Words next;
        for (const std::string& base : found) {
            NodeFile file;
            const std::string here = absolute ? base : folder_ + "/" + base;
            if (call_.node.read(here, file) != 0 || file.type != NodeFile::Type::directory) continue;
            for (const std::string& name : file.entries)
                if ((name[0] != '.' || part[0] == '.') && glob_matches(part, name))
                    next.push_back(base.empty() || base == "/" ? base + name : base + "/" + name);
        }
        found = std::move(next);
    }
    return found;
}

}  // namespace csim::model
