#include "state/contents.hpp"

#include "state/document_name.hpp"

#include <nlohmann/json.hpp>

#include <cassert>

namespace csim {

namespace {

/// Texts live long: they take no more room than they need.
Text dump(const Json& value) {
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::make_shared<const std::string>(text.begin(), text.end());
}

std::pair<std::string_view, std::optional<std::string_view>> split_path(std::string_view path) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return {path, std::nullopt};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

Change put_change(const EntryName& name, const Json& value) {
    const auto kind = document_kind(name.document);
    assert(kind != DocumentKind::foreign && "a document's name says what it holds");
    if (kind == DocumentKind::json) return {name, dump(value)};
    assert(value.is_string() && name.path.empty() && "a text document is one string");
    return {name, std::make_shared<const std::string>(value.get_ref<const std::string&>())};
}

std::string StoredDocument::file_text(std::string_view name) const {
    if (whole_ && document_kind(name) == DocumentKind::text) return *whole_;
    return json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json StoredDocument::json() const {
    if (whole_) return Json::parse(*whole_);
    auto json = Json::object();
    for (const auto& [key, step] : steps_) json[key] = to_json(step);
    return json;
}

std::optional<Json> StoredDocument::entry(std::string_view path) {
    split();
    const auto [first, second] = split_path(path);
    const auto step = steps_.find(first);
    if (step == steps_.end()) return std::nullopt;
    if (!second) return to_json(step->second);
    const auto entry = step->second.section.find(*second);
    if (entry == step->second.section.end()) return std::nullopt;
    return Json::parse(*entry->second);
}

std::vector<std::pair<std::string, Json>> StoredDocument::section(std::string_view section) {
    split();
    std::vector<std::pair<std::string, Json>> entries;
    const auto step = steps_.find(section);
    if (step == steps_.end()) return entries;
    entries.reserve(step->second.section.size());
    for (const auto& [key, text] : step->second.section) entries.emplace_back(key, Json::parse(*text));
    return entries;
}

void StoredDocument::set_entry(std::string_view path, Text value) {
    split();
    const auto [first, second] = split_path(path);
    if (!second) {
        if (value) {
            steps_.insert_or_assign(std::string(first), to_step(Json::parse(*value)));
        } else if (const auto step = steps_.find(first); step != steps_.end()) {
            steps_.erase(step);
        }
        return;
    }
    if (value) {
        auto& step = steps_[std::string(first)];
        step.leaf = nullptr;
        step.section.insert_or_assign(std::string(*second), std::move(value));
    } else if (const auto step = steps_.find(first); step != steps_.end()) {
        if (const auto entry = step->second.section.find(*second); entry != step->second.section.end()) {
            step->second.section.erase(entry);
        }
    }
}

std::string StoredDocument::quoted(const std::string& key) {
    return Json(key).dump();
}

StoredDocument::Step StoredDocument::to_step(const Json& value) {
    Step step;
    if (!value.is_object()) {
        step.leaf = dump(value);
    } else {
        for (const auto& [key, entry] : value.items())
            step.section.emplace_hint(step.section.end(), key, dump(entry));
    }
    return step;
}

Json StoredDocument::to_json(const Step& step) {
    if (step.leaf) return Json::parse(*step.leaf);
    auto json = Json::object();
    for (const auto& [key, text] : step.section) json[key] = Json::parse(*text);
    return json;
}

void StoredDocument::split() {
    if (!whole_) return;
    // A document that never was an object has no entries to keep.
    const auto json = Json::parse(*whole_);
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) steps_.emplace_hint(steps_.end(), key, to_step(value));
    }
    whole_ = nullptr;
}

void Contents::apply(const Change& change) {
    const auto& [document, path] = change.name;
    auto found = documents_.find(document);
    if (path.empty()) {
        if (change.value) {
            set(document, change.value);
        } else if (found != documents_.end()) {
            documents_.erase(found);
        }
        return;
    }
    if (found == documents_.end()) {
        if (!change.value) return;
        found = documents_.emplace(document, StoredDocument(std::make_shared<const std::string>("{}"))).first;
    }
    found->second.set_entry(path, change.value);
}

std::vector<std::string> Contents::documents(std::string_view prefix) const {
    std::vector<std::string> names;
    for (auto at = documents_.lower_bound(prefix); at != documents_.end() && at->first.starts_with(prefix);
         ++at) {
        names.push_back(at->first);
    }
    return names;
}

std::optional<Json> Contents::load(const EntryName& name) const {
    const auto found = documents_.find(name.document);
    if (found == documents_.end()) return std::nullopt;
    if (!name.path.empty()) return found->second.entry(name.path);
    if (document_kind(name.document) == DocumentKind::text)
        return Json(found->second.file_text(name.document));
    return found->second.json();
}

std::vector<std::pair<std::string, Json>> Contents::load_section(
    const std::string& document, const std::string& section
) const {
    const auto found = documents_.find(document);
    if (found == documents_.end()) return {};
    return found->second.section(section);
}

const StoredDocument* Contents::find(std::string_view document) const {
    const auto found = documents_.find(document);
    return found == documents_.end() ? nullptr : &found->second;
}

}  // namespace csim
