#include "fakes/nids.hpp"

#include <algorithm>
#include <set>

namespace csim {

namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        if (end != 0) parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return parts;
}

std::string sorted_and_joined(std::vector<std::string> parts, char separator) {
    std::sort(parts.begin(), parts.end());
    std::string text;
    for (const auto& part : parts) {
        if (!text.empty()) text += separator;
        text += part;
    }
    return text;
}

}  // namespace

std::string nid_network(std::string_view nid) {
    const auto at = nid.find('@');
    std::string network(at == std::string_view::npos ? std::string_view("tcp") : nid.substr(at + 1));
    if (network.empty() || network.back() < '0' || network.back() > '9') network += '0';
    return network;
}

std::string canonical_nid(std::string_view nid) {
    return std::string(nid.substr(0, nid.find('@'))) + "@" + nid_network(nid);
}

bool intersect(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    std::set<std::string> known;
    for (const auto& nid : one) known.insert(canonical_nid(nid));
    return std::ranges::any_of(other, [&](const auto& nid) { return known.contains(canonical_nid(nid)); });
}

std::vector<std::string> all_nids(const NidGroups& groups) {
    std::vector<std::string> nids;
    for (const auto& group : groups) nids.insert(nids.end(), group.begin(), group.end());
    return nids;
}

std::string nid_groups_text(const NidGroups& groups) {
    std::vector<std::string> texts;
    for (const auto& group : groups) {
        if (!group.empty()) texts.push_back(sorted_and_joined(group, ','));
    }
    return sorted_and_joined(std::move(texts), ':');
}

NidGroups parse_nid_groups(std::string_view text) {
    NidGroups groups;
    for (const auto& group : split(text, ':')) groups.push_back(split(group, ','));
    return groups;
}

}  // namespace csim
