#include "vcluster/spec/checker.hpp"

#include <algorithm>
#include <numeric>

namespace csim {
namespace {

std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = a[i - 1] == b[j - 1] ? corner : 1 + std::min({above, row[j - 1], corner});
            corner = above;
        }
    }
    return row.back();
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& each : words) all += (all.empty() ? "" : ", ") + each;
    return all;
}

}  // namespace

std::string closest(const std::string& word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t least = std::max<std::size_t>(word.size() / 3, 2) + 1;
    for (const std::string& each : known) {
        const std::size_t far = distance(word, each);
        if (far < least) least = far, best = each;
    }
    return best;
}

std::string named_kind(const Json& value) {
    if (value.is_string()) return "string " + value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (value.is_boolean()) return "boolean " + value.dump();
    if (value.is_number_integer()) return "integer " + value.dump();
    if (value.is_number()) return "number " + value.dump();
    return value.is_array() ? "list" : value.is_object() ? "object" : "null";
}

std::string line_of(const SpecIssue& issue) {
    return (issue.path.empty() ? "/" : issue.path) + ": " + issue.text;
}

void Checker::error(const char* code, const std::string& path, const std::string& text) {
    issues_.push_back({code, path, text, false});
}

void Checker::warn(const char* code, const std::string& path, const std::string& text) {
    issues_.push_back({code, path, text, true});
}

bool Checker::is_object(const Json& value, const std::string& path) {
    if (value.is_object()) return true;
    error("S03", path, "expected object, got " + named_kind(value));
    return false;
}

const Json* Checker::member(const Json& object, const std::string& path, const char* key, bool required) {
    const auto found = object.find(key);
    if (found != object.end()) return &*found;
    if (required) error("S02", path + "/" + key, "required");
    return nullptr;
}

std::string Checker::text(
    const Json& object, const std::string& path, const char* key, const std::string& otherwise, bool required
) {
    const Json* value = member(object, path, key, required);
    if (value == nullptr) return otherwise;
    if (value->is_string()) return value->get<std::string>();
    error("S03", path + "/" + key, "expected string, got " + named_kind(*value));
    return otherwise;
}

int Checker::integer(
    const Json& object, const std::string& path, const char* key, int otherwise, bool required
) {
    const Json* value = member(object, path, key, required);
    if (value == nullptr) return otherwise;
    if (value->is_number_integer() && std::abs(value->get<double>()) < 2e9) return value->get<int>();
    error("S03", path + "/" + key, "expected integer, got " + named_kind(*value));
    return otherwise;
}

bool Checker::boolean(const Json& object, const std::string& path, const char* key, bool otherwise) {
    const Json* value = member(object, path, key);
    if (value == nullptr) return otherwise;
    if (value->is_boolean()) return value->get<bool>();
    error("S03", path + "/" + key, "expected true or false, got " + named_kind(*value));
    return otherwise;
}

const Json& Checker::list(const Json& object, const std::string& path, const char* key) {
    static const Json none = Json::array();
    const Json* value = member(object, path, key);
    if (value == nullptr) return none;
    if (value->is_array()) return *value;
    error("S03", path + "/" + key, "expected list, got " + named_kind(*value));
    return none;
}

std::vector<std::string> Checker::texts(
    const Json& object, const std::string& path, const char* key, bool or_one
) {
    const Json* value = member(object, path, key);
    if (value == nullptr) return {};
    if (or_one && value->is_string()) return {value->get<std::string>()};
    std::vector<std::string> all;
    const Json& items = list(object, path, key);
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].is_string()) {
            all.push_back(items[i].get<std::string>());
        } else {
            error(
                "S03", path + "/" + key + "/" + std::to_string(i),
                "expected string, got " + named_kind(items[i])
            );
        }
    }
    return all;
}

void Checker::one_of(
    const char* code, const std::string& path, const std::string& value,
    const std::vector<std::string>& allowed
) {
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
    error(code, path, "\"" + value + "\": expected one of " + joined(allowed));
}

void Checker::unknown(const Json& object, const std::string& path, const std::vector<std::string>& known) {
    for (const auto& [key, value] : object.items()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const std::string near = closest(key, known);
        warn(
            "S17", path + "/" + key,
            "unknown field" + (near.empty() ? "" : "; did you mean \"" + near + "\"?")
        );
    }
}

Environment Checker::environment(const Json& object, const std::string& path, const char* key) {
    Environment env;
    const Json* value = member(object, path, key);
    if (value == nullptr) return env;
    const std::string at = path + "/" + key;
    if (value->is_object()) {
        for (const auto& [name, each] : value->items()) {
            const auto text = scalar_text(each);
            if (!text) {
                error("S08", at + "/" + name, "expected string, got " + named_kind(each));
                continue;
            }
            if (!each.is_string()) warn("S08", at + "/" + name, "taken as the string \"" + *text + "\"");
            env[name] = *text;
        }
        return env;
    }
    if (!value->is_array()) {
        error("S03", at, "expected a list of NAME=VALUE or an object, got " + named_kind(*value));
        return env;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
        const Json& each = (*value)[i];
        const std::string item = each.is_string() ? each.get<std::string>() : "";
        const auto equals = item.find('=');
        const std::string here = at + "/" + std::to_string(i);
        if (equals == 0 || equals == std::string::npos) {
            error(
                "S08", here, (each.is_string() ? "\"" + item + "\"" : named_kind(each)) + " is not NAME=VALUE"
            );
            continue;
        }
        const std::string name = item.substr(0, equals);
        if (env.contains(name)) warn("S08", here, name + " was given before; the last one counts");
        env[name] = item.substr(equals + 1);
    }
    return env;
}

std::optional<std::string> scalar_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return std::nullopt;
}

std::string substitute(
    const std::string& text, const std::function<std::optional<std::string>(const std::string&)>& find,
    const std::function<void(const std::string&)>& unknown
) {
    const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        while (text[i] == '%' && end < text.size() && is_name(text[end])) ++end;
        if (text[i] != '%' || end == i + 1 || end >= text.size() || text[end] != '%') {
            out += text[i++];
            continue;
        }
        const std::string name = text.substr(i + 1, end - i - 1);
        const auto value = find(name);
        if (!value) unknown(name);
        out += value ? *value : text.substr(i, end - i + 1);
        i = end + 1;
    }
    return out;
}

std::vector<std::string> variables_in(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos;) {
        const auto end = text.find('}', at);
        if (end == std::string::npos) break;
        names.push_back(text.substr(at + 2, end - at - 2));
        at = end;
    }
    return names;
}

std::string resolve_variables(const std::string& text, const Environment& env) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = text.find("${", at);
        const auto end = begin == std::string::npos ? begin : text.find('}', begin);
        out += text.substr(at, end == std::string::npos ? end : begin - at);
        if (end == std::string::npos) break;
        const auto found = env.find(text.substr(begin + 2, end - begin - 2));
        if (found != env.end()) out += found->second;
        at = end + 1;
    }
    return out;
}

}  // namespace csim
