// `cluster-sim actions`: what a manager can ask of a server, from the action table itself.
#include "apps/cluster_sim/options.hpp"
#include "core/duration_text.hpp"
#include "core/json.hpp"
#include "fakes/actions/action_table.hpp"
#include "sim/text_table.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace csim {
namespace {

const char* word(ActionKind kind) {
    return kind == ActionKind::query ? "query" : "change";
}

const char* word(Aftermath aftermath) {
    switch (aftermath) {
        case Aftermath::none:
            return "";
        case Aftermath::restart_agent:
            return "restarts the agent";
        case Aftermath::reboot:
            return "reboots";
        case Aftermath::shut_down:
            return "shuts down";
        case Aftermath::deregister:
            return "deregisters";
    }
    return "";
}

std::string signature(const ActionSpec& row) {
    std::string text;
    for (const ActionArgument& each : row.arguments()) {
        text += (text.empty() ? "" : ", ") + each.name + (each.required ? "" : "?");
    }
    return text;
}

Json as_json(const ActionSpec& row) {
    Json arguments = Json::array();
    for (const ActionArgument& each : row.arguments()) {
        arguments.push_back({{"name", each.name}, {"type", each.type}, {"required", each.required}});
    }
    return {
        {"name", row.name},
        {"kind", word(row.kind)},
        {"arguments", arguments},
        {"takes", duration_text(row.takes)},
        {"afterwards", word(row.aftermath)},
        {"doc", row.doc}};
}

void write_one(const ActionSpec& row) {
    std::cout << row.name << "(" << signature(row) << ")\n" << row.doc << "\n";
    for (const ActionArgument& each : row.arguments()) {
        std::cout << "  " << each.name << ": " << each.type << (each.required ? "" : ", optional") << "\n";
    }
    if (row.aftermath != Aftermath::none)
        std::cout << "After its reply the server " << word(row.aftermath) << ".\n";
}

void write_all() {
    TextTable table({"ACTION", "KIND", "ARGUMENTS"});
    for (const ActionSpec& row : action_table())
        table.add({std::string(row.name), word(row.kind), signature(row)});
    table.write(std::cout);
    std::cout << "\n" << action_table().size() << " actions. 'cluster-sim actions NAME' tells more of one.\n";
}

}  // namespace

int actions_command(bool json, const std::string& name) {
    const ActionSpec* const one = name.empty() ? nullptr : find_action(name);
    if (!name.empty() && one == nullptr) {
        throw Fatal("there is no action '" + name + "'; 'cluster-sim actions' lists them", 2);
    }
    if (json) {
        Json list = Json::array();
        for (const ActionSpec& row : action_table()) {
            if (one == nullptr || one == &row) list.push_back(as_json(row));
        }
        std::cout << list.dump(2) << "\n";
    } else if (one != nullptr) {
        write_one(*one);
    } else {
        write_all();
    }
    return 0;
}

}  // namespace csim
