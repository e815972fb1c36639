// Configuration parameters: noting what was asked for, and telling the MGS.
// Source: the manager API, §2.16 and §3.7.9. Differs: the action goes to the server on which the MGS runs.
#pragma once

#include "manager/jobs/stateful_class.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace csim::conf_params {

using Values = std::map<std::string, std::optional<std::string>>;

/// Notes the values of `owner`, a target or a filesystem, that differ from the present ones. Returns the MGT
/// whose MGS has to be told; 0 if nothing differs.
std::int64_t note(Model& model, ObjectRef owner, const Values& values);
/// True if one of `values` differs from what is noted.
bool differs(const Params& present, const Values& values);

/// What telling the MGS of `mgt` needs: the MGS itself, and that those concerned are registered.
std::vector<Dependency> needs(const Model& model, ObjectRef mgt);

/// A target in the order in which they are looked at.
struct Place {
    std::int64_t filesystem = 0;
    std::int64_t target = 0;
};
/// True if all targets that parameters of the MGT concern are past formatting. `last` is where the search
/// ended when it was false, and begins next time: a thousand targets that become ready one after the other
/// are not looked at a thousand times each.
bool targets_ready(const Model& model, std::int64_t mgt, Place& last);

}  // namespace csim::conf_params
