// The table of parameters.
#include "manager/rest/conf_param_rules.hpp"

#include "manager/rest/reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace csim::conf_params {

namespace {

enum class Form { integer, size, one_of };

struct Rule {
    Level level;
    std::string_view key;
    Form form = Form::integer;
    std::optional<std::int64_t> low = {};
    std::optional<std::int64_t> high = {};
    std::vector<std::string_view> choices = {};
};

const std::vector<Rule>& rules() {
    static const std::vector<std::string_view> on_off{"0", "1"};
    static const std::vector<Rule> table{
        {"MDT", "lov.stripesize", Form::size},
        {"MDT", "lov.stripecount"},
        {"MDT", "lov.qos_prio_free", Form::integer, 0, 100},
        {"MDT", "lov.qos_threshold_rr", Form::integer, 0, 100},
        {"MDT", "mdt.MDS.mds.threads_min"},
        {"MDT", "mdt.MDS.mds.threads_max"},
        {"MDT", "mdt.MDS.mds_readpage.threads_min"},
        {"MDT", "mdt.MDS.mds_readpage.threads_max"},
        {"MDT", "mdt.MDS.mds_setattr.threads_min"},
        {"MDT", "mdt.MDS.mds_setattr.threads_max"},
        {"MDT", "mdt.hsm_control", Form::one_of, {}, {}, {"enabled", "shutdown", "disabled", "purge"}},
        {"OST", "osc.active", Form::one_of, {}, {}, on_off},
        {"OST", "osc.max_dirty_mb", Form::integer, 0, 512},
        {"OST", "osc.max_pages_per_rpc", Form::integer, 1, 256},
        {"OST", "osc.max_rpcs_in_flight", Form::integer, 1, 32},
        {"OST", "ost.read_cache_enable", Form::one_of, {}, {}, on_off},
        {"OST", "ost.writethrough_cache_enable", Form::one_of, {}, {}, on_off},
        {"OST", "ost.readcache_max_filesize", Form::size},
        {"OST", "ost.sync_journal", Form::one_of, {}, {}, on_off},
        {"OST", "ost.sync_on_lock_cancel", Form::one_of, {}, {}, {"always", "blocking", "never"}},
        {"OST", "ost.OSS.ost.threads_min"},
        {"OST", "ost.OSS.ost.threads_max"},
        {"OST", "ost.OSS.ost_io.threads_min"},
        {"OST", "ost.OSS.ost_io.threads_max"},
        {"OST", "ost.OSS.ost_create.threads_min"},
        {"OST", "ost.OSS.ost_create.threads_max"},
        {"Filesystem", "llite.max_cached_mb"},
        {"Filesystem", "llite.max_read_ahead_mb"},
        {"Filesystem", "llite.max_read_ahead_whole_mb"},
        {"Filesystem", "llite.statahead_max", Form::integer, 0, 8192},
        {"Filesystem", "sys.at_min"},
        {"Filesystem", "sys.at_max"},
        {"Filesystem", "sys.at_history"},
        {"Filesystem", "sys.at_early_margin"},
        {"Filesystem", "sys.at_extra"},
        {"Filesystem", "sys.timeout"},
        {"Filesystem", "sys.ldlm_timeout"},
    };
    return table;
}

const Rule* find_rule(std::string_view key) {
    const auto& table = rules();
    auto at = std::find_if(table.begin(), table.end(), [&](const Rule& rule) { return rule.key == key; });
    return at == table.end() ? nullptr : &*at;
}

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string choice_fault(const Rule& rule, const std::string& value) {
    if (std::find(rule.choices.begin(), rule.choices.end(), value) != rule.choices.end()) return {};
    std::string text = "Must be one of [";
    for (std::string_view choice : rule.choices) {
        if (text.back() != '[') text += ", ";
        text += "'" + std::string(choice) + "'";
    }
    return text + "]";
}

/// Empty, or why the parameter does not take the value.
std::string fault_of(const Rule& rule, const std::string& value) {
    if (rule.form == Form::one_of) return choice_fault(rule, value);
    if (rule.form == Form::size) {
        std::string_view digits = value;
        if (!digits.empty() && std::string_view("ptgmkPTGMK").find(digits.back()) != std::string_view::npos) {
            digits.remove_suffix(1);
        }
        auto size = whole(digits);
        return size && *size >= 0 ? "" : "Invalid size string " + value;
    }
    auto number = whole(value);
    if (!number) return "Must be an integer";
    if (rule.low && *number < *rule.low)
        return "Must be greater than or equal to " + std::to_string(*rule.low);
    if (rule.high && *number > *rule.high)
        return "Must be less than or equal to " + std::to_string(*rule.high);
    return {};
}

std::string fault_of(const std::string& key, const Json& value, Level level) {
    const Rule* rule = find_rule(key);
    if (rule == nullptr) return "Unknown parameter";
    if (rule->level != level) return "Only valid for " + std::string(rule->level);
    if (value.is_null()) return {};
    if (!value.is_string()) return "Must be a string";
    return fault_of(*rule, value.get_ref<const std::string&>());
}

}  // namespace

std::vector<std::string> keys(Level level) {
    std::vector<std::string> found;
    for (const Rule& rule : rules()) {
        if (rule.level == level) found.emplace_back(rule.key);
    }
    return found;
}

Values parse(const Json& given, Level level) {
    Values values;
    if (given.is_null()) return values;
    if (!given.is_object()) stop_field("conf_params", "Must be an object of parameters");
    Json faults = Json::object();
    for (const auto& [key, value] : given.items()) {
        std::string fault = fault_of(key, value, level);
        if (!fault.empty()) {
            faults[key] = Json::array({std::move(fault)});
        } else {
            values[key] = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
        }
    }
    if (!faults.empty()) throw RestStop{reply_with(400, Json{{"conf_params", std::move(faults)}})};
    return values;
}

Json to_json(const Params& params, Level level) {
    Json object = Json::object();
    for (const std::string& key : keys(level)) {
        auto at = params.find(key);
        object[key] = at == params.end() || !at->second.value ? Json(nullptr) : Json(*at->second.value);
    }
    return object;
}

}  // namespace csim::conf_params
