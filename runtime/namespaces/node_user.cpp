#include "runtime/namespaces/node_user.hpp"

#include "runtime/namespaces/node_room.hpp"

#include <charconv>
#include <sstream>
#include <unistd.h>

namespace csim {
namespace {

/// The fields of a line such as `root:x:0:0:root:/root:/bin/sh`.
std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, ':');) fields.push_back(field);
    return fields;
}

bool parse_number(const std::string& text, unsigned& number) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    return wrong == std::errc{} && end == text.data() + text.size();
}

NodeResult<std::string> file_of(const NodeProcess& node, const std::string& path) {
    const auto root = open_root(node, {});
    if (!root) return root.error();
    auto file = read_in(*root, path);
    ::close(*root);
    if (!file) return file.error();
    return file->content;
}

bool lists(const std::string& members, const std::string& user) {
    return ("," + members + ",").find("," + user + ",") != std::string::npos;
}

}  // namespace

NodeResult<NodeUser> find_user(const NodeProcess& node, const std::string& user) {
    NodeUser found;
    if (user.empty() || user == "root") return found;
    const auto colon = user.find(':');
    if (parse_number(user.substr(0, colon), found.uid)) {
        found.gid = found.uid;
        if (colon == std::string::npos || parse_number(user.substr(colon + 1), found.gid)) return found;
    }
    const auto passwd = file_of(node, "/etc/passwd");
    if (!passwd) return passwd.error();
    std::istringstream lines(*passwd);
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.size() < 4 || fields[0] != user) continue;
        if (!parse_number(fields[2], found.uid) || !parse_number(fields[3], found.gid)) continue;
        const auto groups = file_of(node, "/etc/group");
        std::istringstream all(groups ? *groups : "");
        for (std::string group; std::getline(all, group);) {
            const auto parts = fields_of(group);
            unsigned gid = 0;
            if (parts.size() == 4 && lists(parts[3], user) && parse_number(parts[2], gid))
                found.groups.push_back(gid);
        }
        return found;
    }
    return NodeError{
        NodeError::Kind::not_found, NodePhase::exec, "user", "there is no user " + user + " on the node"};
}

}  // namespace csim
