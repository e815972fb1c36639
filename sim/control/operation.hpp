// Control operations as rows: name, help, handler. Parameters are read off the handler's argument struct, so
// that XML-RPC (by position), JSON-RPC (by position or name), `cluster-sim ctl` and the documentation agree
// by construction.
#pragma once

#include "core/json_codec.hpp"
#include "core/unique_function.hpp"
#include "sim/cluster_simulator.hpp"
#include "sim/control/rpc.hpp"

#include <boost/mp11.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

class DurationHistogram;
class TrafficMeter;

/// Everything an operation may touch.
struct ControlScope {
    ClusterSimulator& simulator;
    AgentNetwork& network;
    Timeline& timeline;
    std::string manager_url;
    std::string folder;
    std::function<Lag()> lag;
    const TrafficMeter* traffic = nullptr;    ///< null: nobody measures
    const DurationHistogram* lags = nullptr;  ///< of every event; null: time is not the wall's
};

using ControlDone = UniqueFunction<void(Result<Answer>)>;

struct Parameter {
    std::string_view name;
    std::string_view type;  ///< int, double, boolean, string, array, struct: the words of XML-RPC; or any
    bool optional = false;
};

/// A query changes nothing that is on disk.
enum class OperationKind { change, query };

struct Operation {
    std::string_view name;
    std::string_view result;  ///< its type, in the same words, or nil
    std::string_view help;
    OperationKind kind = OperationKind::change;
    std::vector<Parameter> (*parameters)();
    /// `arguments` is an object. `done` runs once, at once or later, on the world's thread.
    void (*run)(ControlScope& scope, const Json& arguments, ControlDone done);
};

/// A handler that answers at once: `Result<Answer> handler(ControlScope&, const Arguments&)`.
/// A handler that answers later: `void handler(ControlScope&, const Arguments&, ControlDone)`.
template <auto handler>
constexpr Operation operation(
    std::string_view name, std::string_view result, std::string_view help,
    OperationKind kind = OperationKind::change
);

/// Arguments by position as an object by name. Errors: bad_argument for too many or too few.
Result<Answer> name_arguments(const Operation& operation, const Json& positional);

/// All operations, in order of name.
std::span<const Operation> operations();
const Operation* find_operation(std::string_view name);

/// An operation without parameters.
struct NoParameters {};
BOOST_DESCRIBE_STRUCT(NoParameters, (), ())

}  // namespace csim

#include "sim/control/operation_impl.hpp"
