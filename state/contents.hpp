// The documents of a folder in memory, as shared immutable texts, and the changes that make one state from
// another. The world's thread and the disk's thread each hold one; copying a document copies pointers, never
// text.
#pragma once

#include "core/json.hpp"
#include "state/state_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csim {

/// JSON text, or the verbatim content of a text document. Null stands for "none".
using Text = std::shared_ptr<const std::string>;

/// One value put (or erased, where `value` is null). Absolute: applying it twice is applying it once.
struct Change {
    EntryName name;
    Text value;
};

/// The change that puts `value`, with invalid UTF-8 replaced. Requires a name that is not foreign, a string
/// for a text document, and no path into one.
Change put_change(const EntryName& name, const Json& value);

/// One document: a single text, or entries by first and second step where somebody asked for entries.
class StoredDocument {
  public:
    explicit StoredDocument(Text whole) : whole_(std::move(whole)) {}

    /// What the file holds: pretty JSON with sorted keys and a final newline; a text document verbatim.
    std::string file_text(std::string_view name) const;

    Json json() const;
    /// Shows `see` its compact text, with sorted keys, part by part; a text document verbatim. Whether it is
    /// kept whole or by entries makes no difference.
    template <class See>
    void each_part(See&& see) const;
    std::optional<Json> entry(std::string_view path);
    std::vector<std::pair<std::string, Json>> section(std::string_view section);
    void set_entry(std::string_view path, Text value);

  private:
    using Section = std::map<std::string, Text, std::less<>>;
    struct Step {
        Text leaf;  ///< null: `section` holds the value, an object
        Section section;
    };
    static std::string quoted(const std::string& key);
    static Step to_step(const Json& value);
    static Json to_json(const Step& step);
    void split();

    Text whole_;  ///< null once split into entries
    std::map<std::string, Step, std::less<>> steps_;
};

template <class See>
void StoredDocument::each_part(See&& see) const {
    const auto name_value = [&](std::string_view open, const std::string& key) {
        see(open);
        see(quoted(key));
        see(":");
    };
    if (whole_) return see(*whole_);
    std::string_view open = "{";
    for (const auto& [key, step] : steps_) {
        name_value(std::exchange(open, ","), key);
        if (step.leaf) {
            see(*step.leaf);
            continue;
        }
        std::string_view inner = "{";
        for (const auto& [name, text] : step.section) {
            name_value(std::exchange(inner, ","), name);
            see(*text);
        }
        see(step.section.empty() ? "{}" : "}");
    }
    see(steps_.empty() ? "{}" : "}");
}

/// Loading entries splits a document on first use, so even const readers are for one thread at a time.
class Contents {
  public:
    void set(std::string document, Text text) {
        documents_.insert_or_assign(std::move(document), StoredDocument(std::move(text)));
    }
    void apply(const Change& change);

    std::vector<std::string> documents(std::string_view prefix) const;
    std::optional<Json> load(const EntryName& name) const;
    std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const;
    /// Null if there is none.
    const StoredDocument* find(std::string_view document) const;

  private:
    mutable std::map<std::string, StoredDocument, std::less<>> documents_;
};

}  // namespace csim
