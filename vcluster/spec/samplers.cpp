// Lines of configuration for metric daemons, as the original writes them.
#include "vcluster/spec/dialects.hpp"

#include <algorithm>

namespace csim {

const std::vector<std::string> transports{"sock", "rdma", "ugni", "fabric"};
const std::vector<std::string> authentications{"none", "ovis", "munge", "naive"};
const std::vector<std::string> log_levels{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "QUIET"};

namespace {

std::string instance_of(const std::vector<std::string>& config) {
    for (const std::string& each : config)
        if (each.starts_with("instance=")) return each.substr(9);
    return "";
}

std::vector<std::string> config_of(const Json& sampler, const std::string& path, Checker& check) {
    auto config = check.texts(sampler, path, "config", true);
    for (std::size_t i = 0; i < config.size(); ++i) {
        const std::string at = path + "/config/" + std::to_string(i);
        const auto find = [&](const std::string& name) -> std::optional<std::string> {
            const auto found = sampler.find(name);
            return found == sampler.end() ? std::nullopt : scalar_text(*found);
        };
        const auto unknown = [&](const std::string& name) {
            std::string known;
            for (const auto& [key, each] : sampler.items()) known += (known.empty() ? "" : ", ") + key;
            check.error("S09", at, "%" + name + "% unknown (known: " + known + ")");
        };
        config[i] = substitute(config[i], find, unknown);
    }
    return config;
}

std::string joined(const std::vector<std::string>& items) {
    std::string all;
    for (const std::string& each : items) all += " " + each;
    return all;
}

std::string scalar_or(const Json& object, const char* key, const std::string& otherwise) {
    const auto found = object.find(key);
    if (found == object.end()) return otherwise;
    return scalar_text(*found).value_or(otherwise);
}

std::string plugin_of(const Json& sampler, const std::string& path, Checker& check) {
    if (!sampler.contains("plugin")) {
        check.error("S14", path, "a sampler needs a plugin");
        return "";
    }
    return check.text(sampler, path, "plugin");
}

}  // namespace

SamplerText first_dialect_sampler(const Json& sampler, const std::string& path, Checker& check) {
    const std::string plugin = plugin_of(sampler, path, check);
    const auto config = config_of(sampler, path, check);
    SamplerText text;
    text.instance = instance_of(config);
    text.lines = "load name=" + plugin + "\n";
    text.lines += "config name=" + plugin + " component_id=${COMPONENT_ID}" + joined(config) + "\n";
    if (check.boolean(sampler, path, "start", false))
        text.lines += "start name=" + plugin + " interval=" + scalar_or(sampler, "interval", "${INTERVAL}") +
                      " offset=" + scalar_or(sampler, "offset", "${OFFSET}") + "\n";
    return text;
}

SamplerText second_dialect_sampler(const Json& sampler, const std::string& path, Checker& check) {
    const std::string plugin = plugin_of(sampler, path, check);
    const auto config = check.texts(sampler, path, "config", true);
    SamplerText text;
    text.instance = instance_of(config);
    text.lines = "load name=" + plugin + "\n";
    text.lines += "config name=" + plugin + joined(config);
    if (sampler.contains("exclusive_thread"))
        text.lines += " exclusive_thread=" + scalar_or(sampler, "exclusive_thread", "0");
    text.lines += "\n";
    if (check.boolean(sampler, path, "start", false)) {
        text.lines += "start name=" + plugin + " interval=" + scalar_or(sampler, "interval", "2000000");
        if (sampler.contains("offset")) text.lines += " offset=" + scalar_or(sampler, "offset", "0");
        text.lines += "\n";
    }
    return text;
}

std::string attributes_text(const Json& object, const std::vector<std::string>& except) {
    std::string text;
    for (const auto& [key, value] : object.items()) {
        if (std::find(except.begin(), except.end(), key) != except.end()) continue;
        if (const auto scalar = scalar_text(value)) text += " " + key + "=" + *scalar;
    }
    return text;
}

}  // namespace csim
