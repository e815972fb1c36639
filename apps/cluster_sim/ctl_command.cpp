// `cluster-sim ctl`: one operation of a running simulator.
#include "apps/cluster_sim/control_token.hpp"
#include "apps/cluster_sim/options.hpp"
#include "apps/cluster_sim/vcluster_port.hpp"
#include "core/json_codec.hpp"
#include "sim/control/operation_list.hpp"
#include "sim/control_client.hpp"

#include <filesystem>
#include <iostream>

namespace csim {
namespace {

constexpr int nobody_runs = 3;
/// A thousand registrations with RSA keys take their time.
constexpr Duration patience = 1h;

/// JSON if it parses, else text; plain words stay text where the operation wants a text, such as an outlet
/// "1".
Json argument(const std::string& typed, const Parameter* parameter) {
    const auto parsed = parse_json(typed);
    if (!parsed) return typed;
    if (parameter != nullptr && parameter->type == "string" && !parsed->is_string() && !parsed->is_null())
        return typed;
    return *parsed;
}

/// Without the blank that lists have got on their way through the command line's parser.
std::string as_typed(const std::string& word) {
    return word.starts_with(" [") ? word.substr(1) : word;
}

std::vector<OperationNote> all_notes() {
    auto all = operation_notes();
    for (OperationNote& each : cluster_operation_notes()) all.push_back(std::move(each));
    return all;
}

Json arguments_of(const CtlOptions& options) {
    const auto notes = all_notes();
    const OperationNote* const row = find_note(notes, options.operation);
    const auto parameters = row == nullptr ? std::vector<Parameter>{} : row->parameters;
    Json list = Json::array();
    for (std::size_t i = 0; i < options.arguments.size(); ++i) {
        list.push_back(
            argument(as_typed(options.arguments[i]), i < parameters.size() ? &parameters[i] : nullptr)
        );
    }
    return list;
}

std::optional<ControlClient> find(const CommonOptions& common, const CtlOptions& options) {
    if (options.url.empty()) {
        if (!std::filesystem::exists(common.config)) return std::nullopt;
        return find_running(common.config, patience);
    }
    const auto at = parse_manager_url(options.url);
    if (!at) throw Fatal(at.error().detail, 2);
    return ControlClient(
        *at, read_control_token(options.control_token, options.control_token_file), patience
    );
}

void print(const Json& value) {
    if (value.is_null()) return;
    if (value.is_string()) {
        std::cout << value.get<std::string>() << "\n";
    } else {
        std::cout << value.dump(2) << "\n";
    }
}

}  // namespace

int ctl_command(const CommonOptions& common, const CtlOptions& options) {
    if (options.list) {
        std::cout
            << (options.markdown ? operations_markdown(operation_notes(), cluster_operation_notes())
                                 : operations_text(all_notes()));
        return 0;
    }
    if (options.operation.empty())
        throw Fatal("ctl needs an operation; 'cluster-sim ctl --list' lists them", 2);
    auto client = find(common, options);
    if (!client) {
        std::cerr << "cluster-sim: no simulator is running on " << common.config
                  << "; start one with 'cluster-sim run'\n";
        return nobody_runs;
    }
    const auto answer = client->call({options.operation, arguments_of(options)});
    if (!answer) {
        std::cerr << "cluster-sim: " << answer.error().detail << "\n";
        return answer.error().code == Errc::unreachable ? nobody_runs : 1;
    }
    print(answer->value);
    return 0;
}

}  // namespace csim
