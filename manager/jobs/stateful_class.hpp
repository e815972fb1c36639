// Classes of stateful objects as tables: states, transitions, what they need and who may need them.
// Source: the manager API, §3.2 and §3.4.
#pragma once

#include "manager/model/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// `object` must be in one of the `acceptable` states; a plan brings it to `preferred`. Where the dependency
/// is that of an object in a state, `fix` is the state which that object takes if this cannot be kept.
struct Dependency {
    ObjectRef object;
    std::vector<std::string> acceptable;
    std::string preferred;
    std::string fix;
    bool alternative = false;  ///< to run, a job needs only one of those that are alternatives
};

/// True if the dependency's object is in an acceptable state, or is gone.
bool acceptable(const Dependency& dependency, const std::string& state);

struct Transition {
    std::string from;
    std::string to;
    std::string_view job;  ///< name of a job class
};

struct StatefulClass {
    Kind kind;
    std::string_view name;
    std::vector<std::string> states;
    std::vector<Transition> transitions;
    /// The states that a request may name; nullptr: all that can be reached.
    std::vector<std::string> (*advertised)(const Model&, ObjectRef) = nullptr;
    /// What the object needs as long as it is in `state`; nullptr: nothing.
    std::vector<Dependency> (*needs)(const Model&, ObjectRef, const std::string& state) = nullptr;
    /// Objects whose needs must be examined when this one changes; nullptr: none.
    std::vector<ObjectRef> (*dependents)(const Model&, ObjectRef) = nullptr;
};

/// nullptr for kinds without a state.
const StatefulClass* stateful_class(Kind kind);

/// The transitions from one state to the other, fewest first found; empty if there is no way.
std::vector<const Transition*> route(const StatefulClass& of, const std::string& from, const std::string& to);

/// The states that a request may name for `object` in `state`, in the order of the class.
std::vector<std::string> advertised_states(const Model& model, ObjectRef object, const std::string& state);

/// Everything that may depend on `object`, however indirectly, without the object itself.
std::vector<ObjectRef> all_dependents(const Model& model, ObjectRef object);

}  // namespace csim
