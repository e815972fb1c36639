// The two dialects of the specification, each expanded into planned nodes, and what both share.
#pragma once

#include "vcluster/spec/checker.hpp"

namespace csim {

/// `whole` is an object. Fills in the nodes; what is wrong goes to the checker.
void expand_first_dialect(const Json& whole, const SpecWorld& world, Checker& check, ClusterSpec& spec);
void expand_second_dialect(const Json& whole, const SpecWorld& world, Checker& check, ClusterSpec& spec);

/// A sampler's lines. `attributes` is the sampler object, which %NAME% refers to.
struct SamplerText {
    std::string lines;
    std::string instance;  ///< as written, variables and all; empty: it has none
};
/// `config` of a sampler with its %NAME% replaced; mistakes are noted with the paths of the items.
SamplerText first_dialect_sampler(const Json& sampler, const std::string& path, Checker& check);
SamplerText second_dialect_sampler(const Json& sampler, const std::string& path, Checker& check);

/// ` k=v` for each scalar member of an object.
std::string attributes_text(const Json& object, const std::vector<std::string>& except = {});

/// Allowed values of several fields.
extern const std::vector<std::string> transports, authentications, log_levels;

void check_port(Checker& check, const std::string& path, int port);
/// What only the whole cluster shows: names and ports used twice, references to nobody, undefined variables.
void check_whole(const ClusterSpec& spec, const std::vector<std::string>& node_paths, Checker& check);

}  // namespace csim
