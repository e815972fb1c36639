#include "vcluster/spec/extension.hpp"

namespace csim {
namespace {

constexpr int depth_max = 64, rounds_max = 128;

class Extender {
  public:
    Extender(const Json& templates, Checker& check) : templates_(templates), check_(check) {}

    Json expand(const Json& value, const std::string& path, std::vector<std::string> within) {
        if (value.is_array()) {
            Json list = Json::array();
            for (std::size_t i = 0; i < value.size(); ++i)
                list.push_back(expand(value[i], path + "/" + std::to_string(i), within));
            return list;
        }
        if (!value.is_object()) return value;
        Json whole = base_of(value, path, within);
        for (const auto& [key, each] : value.items())
            if (key != "!extends") whole[key] = each;
        Json expanded = Json::object();
        for (const auto& [key, each] : whole.items()) expanded[key] = expand(each, path + "/" + key, within);
        return expanded;
    }

  private:
    /// The template's fields, its own template's below them. Empty for an object that extends nothing.
    Json base_of(const Json& value, const std::string& path, std::vector<std::string>& within) {
        Json base = Json::object();
        std::vector<const Json*> chain;
        const Json* at = &value;
        while (at->contains("!extends")) {
            const Json& name = (*at)["!extends"];
            const std::string here = path + "/!extends";
            if (!name.is_string()) {
                check_.error("S03", here, "expected string, got " + named_kind(name));
                break;
            }
            const std::string wanted = name.get<std::string>();
            if (std::find(within.begin(), within.end(), wanted) != within.end()) {
                check_.error("S07", here, "template \"" + wanted + "\" extends itself");
                break;
            }
            if (within.size() >= depth_max) {
                check_.error("S07", here, "templates are nested more than 64 deep");
                break;
            }
            const auto found = templates_.find(wanted);
            if (found == templates_.end() || !found->is_object()) {
                unknown(wanted, here);
                break;
            }
            within.push_back(wanted);
            chain.push_back(&*found);
            at = &*found;
        }
        for (auto each = chain.rbegin(); each != chain.rend(); ++each)
            for (const auto& [key, field] : (*each)->items())
                if (key != "!extends") base[key] = field;
        return base;
    }

    void unknown(const std::string& wanted, const std::string& here) {
        std::vector<std::string> names;
        for (const auto& [key, each] : templates_.items()) names.push_back(key);
        const std::string near = closest(wanted, names);
        check_.error(
            "S06", here,
            "no template \"" + wanted + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?")
        );
    }

    const Json& templates_;
    Checker& check_;
};

/// Attributes of the object itself and of those around it, the nearest first.
using Scopes = std::vector<const Json*>;

class Substitution {
  public:
    explicit Substitution(Checker& check) : check_(check) {}

    void apply(Json& value, const std::string& path, Scopes scopes) {
        if (value.is_object()) {
            const Json before = value;
            scopes.insert(scopes.begin(), &before);
            for (auto& [key, each] : value.items()) apply(each, path + "/" + key, scopes);
        } else if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i)
                apply(value[i], path + "/" + std::to_string(i), scopes);
        } else if (value.is_string()) {
            value = replaced(value.get<std::string>(), path, scopes);
        }
    }

  private:
    std::string replaced(std::string text, const std::string& path, const Scopes& scopes) {
        bool changed = true;
        for (int round = 0; changed && round < rounds_max; ++round) text = once(text, path, scopes, changed);
        if (changed) check_.error("S09", path, "is replaced without end");
        std::string plain;
        for (std::size_t i = 0; i < text.size(); ++i) {
            plain += text[i];
            if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%') ++i;
        }
        return plain;
    }

    std::string once(const std::string& text, const std::string& path, const Scopes& scopes, bool& changed) {
        changed = false;
        std::string out;
        for (std::size_t i = 0; i < text.size();) {
            const auto end = text[i] == '%' ? end_of(text, i + 1) : std::string::npos;
            if (end == std::string::npos) {
                out += text[i++];
                continue;
            }
            const std::string name = text.substr(i + 1, end - i - 1);
            const auto value = name.empty() ? std::nullopt : find(name, scopes);
            if (!name.empty() && !value) check_.error("S09", path, "%" + name + "% unknown");
            changed = changed || value.has_value();
            out += value ? *value : text.substr(i, end - i + 1);
            i = end + 1;
        }
        return out;
    }

    /// Where the closing % stands; npos if what follows is no attribute's name.
    static std::size_t end_of(const std::string& text, std::size_t at) {
        for (; at < text.size(); ++at) {
            if (text[at] == '%') return at;
            const char c = text[at];
            if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.' && c != '_')
                return std::string::npos;
        }
        return std::string::npos;
    }

    static std::optional<std::string> find(const std::string& name, const Scopes& scopes) {
        for (const Json* scope : scopes) {
            const auto found = scope->find(name);
            if (found == scope->end()) continue;
            if (auto text = scalar_text(*found)) return text;
        }
        return std::nullopt;
    }

    Checker& check_;
};

}  // namespace

Json expand_extensions(const Json& whole, Checker& check) {
    static const Json none = Json::object();
    const Json* templates = check.member(whole, "", "templates");
    if (templates != nullptr && !check.is_object(*templates, "/templates")) templates = nullptr;
    Json rest = whole;
    rest.erase("templates");
    Extender extender(templates == nullptr ? none : *templates, check);
    Json expanded = extender.expand(rest, "", {});
    Substitution(check).apply(expanded, "", {});
    return expanded;
}

}  // namespace csim
