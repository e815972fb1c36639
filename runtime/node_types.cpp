#include "runtime/node_types.hpp"

#include <array>
#include <cctype>

namespace csim {

std::string_view text_of(NodeState state) {
    static constexpr std::array<std::string_view, 9> texts{
        "absent", "created", "starting", "running", "frozen", "stopping", "stopped", "error", "wedged"};
    return texts[static_cast<std::size_t>(state)];
}

std::string_view text_of(NodePhase phase) {
    static constexpr std::array<std::string_view, 10> texts{"create", "start", "ready",   "exec", "file",
                                                            "stats",  "stop",  "destroy", "list", "network"};
    return texts[static_cast<std::size_t>(phase)];
}

std::string_view text_of(NodeError::Kind kind) {
    static constexpr std::array<std::string_view, 9> texts{
        "not_found", "exists", "busy", "limit", "timeout", "denied", "unsupported", "cancelled", "internal"};
    return texts[static_cast<std::size_t>(kind)];
}

NodeResult<Done> check_node_name(std::string_view name, bool legacy) {
    const auto no = [&](const std::string& why) {
        return NodeError{
            NodeError::Kind::denied, NodePhase::create, "name",
            "the name '" + std::string(name) + "' " + why};
    };
    const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    if (name.empty() || name.size() > 63) return no("must have 1 to 63 characters");
    if (!legacy && std::isdigit(static_cast<unsigned char>(name.front())))
        return no("must not start with a number");
    if (name.front() == '-' || name.back() == '-') return no("must not start or end with a hyphen");
    for (const char c : name)
        if (!letter(c) && c != '-') return no("may hold letters, digits and hyphens only");
    return Done{};
}

std::string sentence(const NodeError& error) {
    std::string text(text_of(error.phase));
    if (!error.refused.empty()) text += ": " + error.refused + " refused";
    return text + ": " + error.detail;
}

}  // namespace csim
