// Which objects a list is about, and in which order.
// Source: the manager API, §1.5.
#include "manager/rest/fields.hpp"
#include "manager/rest/lookup.hpp"
#include "manager/rest/resource.hpp"

#include <algorithm>

namespace csim {

std::optional<Keys> Resource::by_id(RestContext& context, const std::string& list) {
    Keys found;
    std::string_view rest = list;
    while (true) {
        const auto comma = rest.find(',');
        const auto key = id_in_text(rest.substr(0, comma));
        if (!key) return std::nullopt;
        if (has(context, *key)) found.push_back(*key);
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (newest_first_) std::reverse(found.begin(), found.end());
    return found;
}

/// What the request can be about at most: from an index if one of its filters has one.
Keys Resource::candidates(RestContext& context) {
    const auto& query = context.target.query;
    for (const auto& [name, text] : query) {
        const bool repeated = context.target.all(name).size() > 1;
        const bool of_id = name == "id" || name == "id__exact" || name == "id__in";
        if (repeated) continue;
        if (of_id && filters_.contains("id")) {
            if (auto found = by_id(context, text)) return *std::move(found);
        }
        auto seek = seeks_.find(name);
        if (seek != seeks_.end()) return seek->second(context, text);
    }
    return keys(context);
}

void Resource::filter(RestContext& context, Keys& keys) {
    std::set<std::string> seen;
    for (const auto& entry : context.target.query) {
        const std::string& parameter = entry.first;
        if (!seen.insert(parameter).second || parameter.starts_with("dehydrate__")) continue;
        if (parameter == "limit" || parameter == "offset" || parameter == "order_by" || parameter == "format")
            continue;
        apply_filter(context, keys, parameter, parameter);
    }
}

void Resource::apply_filter(
    RestContext& context, Keys& keys, const std::string& name, const std::string& parameter
) {
    std::string lookup = "exact";
    std::string filtered = name;
    auto at = filters_.find(filtered);
    if (const auto cut = name.rfind("__"); at == filters_.end() && cut != std::string::npos) {
        lookup = name.substr(cut + 2);
        filtered = name.substr(0, cut);
        at = filters_.find(filtered);
    }
    const Field* field = find_field(filtered.substr(0, filtered.find("__")));
    if (at == filters_.end()) {
        if (field != nullptr) {
            stop_text("error", "The '" + field->name + "' field does not allow filtering.");
        }
        return;
    }
    const Filter& filter = at->second;
    if (!filter.lookups.contains(lookup)) {
        stop_text("error", "'" + lookup + "' is not an allowed filter on the '" + filtered + "' field.");
    }
    if (!filter.value && (field == nullptr || !field->value)) return;
    const Value& value = filter.value ? filter.value : field->value;
    const FieldType type = field == nullptr || filter.value ? filter.type : field->type;
    const auto operands = context.target.all(parameter);
    std::erase_if(keys, [&](Key key) { return !matches(value(context, key), type, lookup, operands); });
}

void Resource::order(RestContext& context, Keys& keys) {
    auto wishes = context.target.all("order_by");
    // The first wish counts most, so it is sorted by last.
    for (auto wish = wishes.rbegin(); wish != wishes.rend(); ++wish) {
        const bool descending = wish->starts_with('-');
        const std::string name = descending ? wish->substr(1) : *wish;
        const Field* field = find_field(name);
        const bool allowed = std::find(ordering_.begin(), ordering_.end(), name) != ordering_.end();
        if (!allowed || field == nullptr)
            stop_text("error", "No matching '" + name + "' field for ordering on.");
        std::vector<std::pair<Json, Key>> valued;
        valued.reserve(keys.size());
        for (Key key : keys) valued.emplace_back(field->value(context, key), key);
        std::stable_sort(valued.begin(), valued.end(), [&](const auto& a, const auto& b) {
            return descending ? b.first < a.first : a.first < b.first;
        });
        for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = valued[i].second;
    }
}

}  // namespace csim
