// Reads values out of a JSON object and notes what is wrong with them, with their paths.
#pragma once

#include "vcluster/spec/spec.hpp"

#include <initializer_list>
#include <set>

namespace csim {

/// The nearest of `known` to a misspelt word; empty if none is near.
std::string closest(const std::string& word, const std::vector<std::string>& known);
/// `string "10000"`, `integer 5`, `list`: how a value is named in a complaint.
std::string named_kind(const Json& value);

class Checker {
  public:
    explicit Checker(std::vector<SpecIssue>& issues) : issues_(issues) {}

    void error(const char* code, const std::string& path, const std::string& text);
    void warn(const char* code, const std::string& path, const std::string& text);

    bool is_object(const Json& value, const std::string& path);
    /// Where the member of an object stands; nullptr if absent (an error when `required`).
    const Json* member(const Json& object, const std::string& path, const char* key, bool required = false);

    std::string text(
        const Json& object, const std::string& path, const char* key, const std::string& otherwise = "",
        bool required = false
    );
    int integer(
        const Json& object, const std::string& path, const char* key, int otherwise, bool required = false
    );
    bool boolean(const Json& object, const std::string& path, const char* key, bool otherwise);
    /// A list of texts; a single text counts as a list of one where `or_one`.
    std::vector<std::string> texts(
        const Json& object, const std::string& path, const char* key, bool or_one = false
    );
    const Json& list(const Json& object, const std::string& path, const char* key);

    void one_of(
        const char* code, const std::string& path, const std::string& value,
        const std::vector<std::string>& allowed
    );
    /// Warns of members that nobody reads.
    void unknown(const Json& object, const std::string& path, const std::vector<std::string>& known);

    Environment environment(const Json& object, const std::string& path, const char* key = "env");
    std::vector<MountSpec> mounts(const Json& object, const std::string& path, const SpecWorld& world);
    std::vector<std::string> capabilities(const Json& object, const char* key);

  private:
    void mount(const Json& each, const std::string& at, const SpecWorld& world, std::vector<MountSpec>& all);

    std::vector<SpecIssue>& issues_;
};

/// A number that stands for a capability of the kernel; -1: there is none of that name.
int capability_number(const std::string& name_without_cap);

/// Replaces %NAME% by `find(NAME)`; `find` answers nullopt for what it does not know, which is passed to
/// `unknown` and left as it is. A single % stays.
std::string substitute(
    const std::string& text, const std::function<std::optional<std::string>(const std::string&)>& find,
    const std::function<void(const std::string&)>& unknown
);
/// The names in ${NAME}, in order.
std::vector<std::string> variables_in(const std::string& text);
/// With ${NAME} replaced by the environment's values, the empty text for others.
std::string resolve_variables(const std::string& text, const Environment& env);
/// A scalar as text: strings as they are, numbers and booleans as JSON writes them. nullopt for others.
std::optional<std::string> scalar_text(const Json& value);

}  // namespace csim
