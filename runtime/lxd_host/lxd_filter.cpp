#include "runtime/lxd_host/lxd_filter.hpp"

#include "net/http.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

namespace csim {
namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    bool open = false;
    for (const char c : text + " ") {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            open = true;
        } else if (c != ' ') {
            word += c;
            open = true;
        } else if (open) {
            words.push_back(std::exchange(word, {}));
            open = false;
        }
    }
    return words;
}

/// Keys hold dots themselves (`config.user.x`), so the longest key that fits is taken first.
const Json* find_field_in(const Json& object, const std::string& path) {
    if (!object.is_object()) return nullptr;
    if (const auto whole = object.find(path); whole != object.end()) return &*whole;
    for (auto dot = path.rfind('.'); dot != std::string::npos && dot > 0; dot = path.rfind('.', dot - 1)) {
        const auto outer = object.find(path.substr(0, dot));
        if (outer == object.end()) continue;
        if (const Json* inner = find_field_in(*outer, path.substr(dot + 1))) return inner;
    }
    return nullptr;
}

std::string text_of(const Json* value) {
    if (value == nullptr) return "";
    return value->is_string() ? value->get<std::string>() : value->dump();
}

bool alike(const std::string& shown, const std::string& wanted) {
    if (equal_ignoring_case(shown, wanted)) return true;
    if (wanted.size() > 200 || wanted.find_first_of("*.[](|+?^$") == std::string::npos) return false;
    try {
        return std::regex_match(shown, std::regex(wanted, std::regex::icase));
    } catch (const std::regex_error&) {
        return false;
    }
}

}  // namespace

LxdFilter::LxdFilter(const std::string& text) {
    const auto words = words_of(text);
    std::size_t at = 0;
    bool or_before = false;
    while (at < words.size() && good_) {
        Clause clause;
        clause.or_before = or_before;
        if (words[at] == "not") clause.negated = true, ++at;
        good_ = at + 2 < words.size() && (words[at + 1] == "eq" || words[at + 1] == "ne");
        if (!good_) break;
        clause.field = words[at];
        clause.equal = words[at + 1] == "eq";
        clause.value = words[at + 2];
        clauses_.push_back(std::move(clause));
        at += 3;
        if (at == words.size()) break;
        or_before = words[at] == "or";
        good_ = (or_before || words[at] == "and") && at + 1 < words.size();
        ++at;
    }
}

bool LxdFilter::asks_only(std::initializer_list<std::string_view> fields) const {
    for (const Clause& each : clauses_)
        if (std::find(fields.begin(), fields.end(), each.field) == fields.end()) return false;
    return true;
}

bool LxdFilter::takes(const Json& object) const {
    if (!good_) return false;
    bool taken = true;
    for (const Clause& each : clauses_) {
        const bool same = alike(text_of(find_field_in(object, each.field)), each.value);
        const bool holds = (same == each.equal) != each.negated;
        taken = each.or_before ? taken || holds : taken && holds;
    }
    return taken;
}

}  // namespace csim
