// The commands of a metric daemon, as rows: verb, what it does.
#pragma once

#include "vcluster/model/ldmsd.hpp"

#include <span>

namespace csim::model {

/// Error numbers of the original.
namespace ldmsd_error {
constexpr int missing = 2, busy = 16, exists = 17, invalid = 22, family = 97, in_use = 98;
}

/// Reaches into the daemon for the rows below.
struct LdmsdCommands {
    Ldmsd& of;
    const Attributes& with;

    std::string get(const std::string& name, const std::string& otherwise = "") const;
    bool has(const std::string& name) const { return with.contains(name); }

    CommandAnswer load(), config(), start(), stop(), term();
    CommandAnswer listen(), auth_add(), accept();
    CommandAnswer prdcr_add(), prdcr_start(), prdcr_start_regex(), prdcr_stop(), prdcr_stop_regex(),
        prdcr_del();
    CommandAnswer updtr_add(), updtr_prdcr_add(), updtr_prdcr_del(), updtr_match_add(), updtr_match_del();
    CommandAnswer updtr_start(), updtr_stop(), updtr_del();
    CommandAnswer strgp_add(), strgp_prdcr_add(), strgp_prdcr_del(), strgp_metric_add(), strgp_metric_del();
    CommandAnswer strgp_start(), strgp_stop(), strgp_del();
    CommandAnswer prdcr_status(), updtr_status(), strgp_status(), daemon_status(), dir(), version(), usage(),
        greeting();

    CommandAnswer begin(Producer& producer);
    CommandAnswer end(Producer& producer);
    /// A compiled expression, or the error in `answer`.
    std::optional<std::regex> regex(const std::string& attribute, CommandAnswer& answer) const;
    template <class Map>
    auto* named(Map& map, const char* what, CommandAnswer& answer) const;
};

struct LdmsdVerb {
    std::string_view name;
    CommandAnswer (LdmsdCommands::*run)();
    bool deferred = false;  ///< in files: after all others
};
std::span<const LdmsdVerb> ldmsd_verbs();
std::span<const LdmsdVerb> ldmsd_collecting_verbs();
std::span<const LdmsdVerb> ldmsd_storing_verbs();
const LdmsdVerb* find_ldmsd_verb(std::string_view name);

CommandAnswer refuse(int error, const std::string& text);

template <class Map>
auto* LdmsdCommands::named(Map& map, const char* what, CommandAnswer& answer) const {
    const auto found = map.find(get("name"));
    if (found != map.end()) return &found->second;
    answer = refuse(ldmsd_error::missing, std::string(what) + " '" + get("name") + "' does not exist.");
    return static_cast<decltype(&found->second)>(nullptr);
}

}  // namespace csim::model
