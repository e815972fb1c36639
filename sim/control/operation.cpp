#include "sim/control/operation.hpp"

#include "sim/control/operation_rows.hpp"

#include <algorithm>

namespace csim {
namespace {

std::vector<Operation> all_rows() {
    std::vector<Operation> rows;
    const std::span<const Operation> parts[] = {
        cluster_operations(), device_operations(),    growth_operations(),       hsm_operations(),
        network_operations(), power_operations(),     registration_operations(), server_operations(),
        service_operations(), simulator_operations(),
    };
    for (const auto part : parts) rows.insert(rows.end(), part.begin(), part.end());
    std::sort(rows.begin(), rows.end(), [](const Operation& a, const Operation& b) {
        return a.name < b.name;
    });
    return rows;
}

}  // namespace

std::span<const Operation> operations() {
    static const std::vector<Operation> rows = all_rows();
    return rows;
}

const Operation* find_operation(std::string_view name) {
    const auto rows = operations();
    const auto found =
        std::lower_bound(rows.begin(), rows.end(), name, [](const Operation& row, std::string_view wanted) {
            return row.name < wanted;
        });
    return found != rows.end() && found->name == name ? &*found : nullptr;
}

Result<Answer> name_arguments(const Operation& operation, const Json& positional) {
    const auto parameters = operation.parameters();
    if (positional.size() > parameters.size()) {
        return Error{
            Errc::bad_argument, std::string(operation.name) + " takes at most " +
                                    std::to_string(parameters.size()) + " arguments, not " +
                                    std::to_string(positional.size())};
    }
    Json named = Json::object();
    for (std::size_t i = 0; i < positional.size(); ++i)
        named[std::string(parameters[i].name)] = positional[i];
    return Answer{std::move(named)};
}

}  // namespace csim
