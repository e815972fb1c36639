// Reading configurations, and the commands about samplers and listening.
#include "vcluster/model/ldmsd_commands.hpp"

#include <algorithm>
#include <sstream>

namespace csim::model {

namespace errors = ldmsd_error;

CommandAnswer refuse(int error, const std::string& text) {
    return {error, text};
}

std::string LdmsdCommands::get(const std::string& name, const std::string& otherwise) const {
    const auto found = with.find(name);
    return found == with.end() ? otherwise : found->second;
}

std::optional<std::regex> LdmsdCommands::regex(const std::string& attribute, CommandAnswer& answer) const {
    if (!has(attribute)) {
        answer = refuse(errors::invalid, "The attribute '" + attribute + "' is required.");
        return std::nullopt;
    }
    try {
        return std::regex(get(attribute), std::regex::extended);
    } catch (const std::regex_error&) {
        answer = refuse(errors::invalid, "The regular expression '" + get(attribute) + "' is invalid.");
        return std::nullopt;
    }
}

CommandAnswer LdmsdCommands::load() {
    const std::string name = get("name"), plugin = get("plugin", name);
    if (name.empty()) return refuse(errors::invalid, "The attribute 'name' is required.");
    if (of.samplers_.contains(name) || of.stores_.contains(name))
        return refuse(errors::exists, "Plugin '" + name + "' already loaded");
    if (is_store_plugin(plugin)) {
        of.stores_[name] = "";
    } else if (is_sampler_plugin(plugin)) {
        of.samplers_[name].plugin = plugin;
    } else {
        return refuse(errors::missing, "Failed to load the plugin '" + plugin + "': no such plugin");
    }
    return {};
}

CommandAnswer LdmsdCommands::config() {
    const std::string name = get("name");
    if (of.stores_.contains(name)) {
        of.stores_[name] = get("path", "/tmp");
        return {};
    }
    const auto found = of.samplers_.find(name);
    if (found == of.samplers_.end()) return refuse(errors::missing, "Plugin '" + name + "' not found");
    if (!has("instance")) return refuse(errors::invalid, name + ": The attribute 'instance' is required.");
    const std::string instance = get("instance");
    if (of.directory_.contains(instance))
        return refuse(errors::exists, "Set instance '" + instance + "' already exists");
    Sampler& sampler = found->second;
    auto set = std::make_shared<MetricSet>();
    set->instance = instance;
    set->schema = get("schema", schema_of(sampler.plugin));
    set->producer = get("producer", of.node_.name);
    set->uid = static_cast<unsigned>(std::atoi(get("uid", "0").c_str()));
    set->gid = static_cast<unsigned>(std::atoi(get("gid", "0").c_str()));
    const auto slots = static_cast<std::size_t>(std::max(1, std::atoi(get("job_count", "8").c_str())));
    set->metrics = metrics_of(sampler.plugin, get("component_id", "0"), slots);
    set->updated = of.world_.timeline().now();
    set->consistent = sampler.plugin == "slurm_sampler";
    sampler.instance = instance;
    of.directory_[instance] = set;
    of.directory_changed();
    return {};
}

CommandAnswer LdmsdCommands::start() {
    const auto found = of.samplers_.find(get("name"));
    if (found == of.samplers_.end())
        return refuse(errors::missing, "Sampler '" + get("name") + "' not found");
    Sampler& sampler = found->second;
    const auto interval = parse_interval(get("interval")), offset = parse_interval(get("offset", "0"));
    if (sampler.instance.empty())
        return refuse(errors::invalid, "Sampler '" + get("name") + "' is not configured");
    if (sampler.running) return refuse(errors::busy, "Sampler '" + get("name") + "' is already running");
    if (!interval || *interval <= Duration::zero())
        return refuse(errors::invalid, "interval '" + get("interval") + "' is invalid");
    if (!offset) return refuse(errors::invalid, "offset '" + get("offset") + "' is invalid");
    sampler.interval = *interval;
    sampler.offset = *offset;
    sampler.running = true;
    of.sample_later(sampler);
    return {};
}

CommandAnswer LdmsdCommands::stop() {
    const auto found = of.samplers_.find(get("name"));
    if (found == of.samplers_.end())
        return refuse(errors::missing, "Sampler '" + get("name") + "' not found");
    if (!found->second.running)
        return refuse(errors::invalid, "Sampler '" + get("name") + "' is not running");
    found->second.running = false;
    of.world_.timeline().cancel(found->second.due);
    return {};
}

CommandAnswer LdmsdCommands::term() {
    const auto found = of.samplers_.find(get("name"));
    if (found == of.samplers_.end()) return refuse(errors::missing, "Plugin '" + get("name") + "' not found");
    if (found->second.running) return refuse(errors::busy, "Plugin '" + get("name") + "' is running");
    of.directory_.erase(found->second.instance);
    of.samplers_.erase(found);
    of.directory_changed();
    return {};
}

CommandAnswer LdmsdCommands::auth_add() {
    const std::string name = get("name"), plugin = get("plugin", name);
    if (name.empty()) return refuse(errors::invalid, "The attribute 'name' is required.");
    if (of.auth_plugins_.contains(name))
        return refuse(errors::exists, "Authentication '" + name + "' already exists");
    of.auth_plugins_[name] = plugin;
    return {};
}

CommandAnswer LdmsdCommands::listen() {
    const int port = std::atoi(get("port").c_str());
    if (port < 1 || port > 65535) return refuse(errors::invalid, "'" + get("port") + "' is an invalid port.");
    std::string auth = get("auth", of.options_.auth);
    if (const auto found = of.auth_plugins_.find(auth); found != of.auth_plugins_.end()) auth = found->second;
    std::string why;
    if (!of.listen(port, get("xprt", "sock"), auth, why)) return refuse(errors::in_use, why);
    return {};
}

CommandAnswer LdmsdCommands::accept() {
    return {};
}

bool Ldmsd::listen(int port, const std::string& xprt, const std::string& auth, std::string& why) {
    if (xprt != "sock")
        why = "transport '" + xprt + "' is not modelled on simulated nodes";
    else if (node_.ports.contains(port))
        why = "bind error on port " + std::to_string(port) + ": Address already in use";
    if (!why.empty()) return false;
    node_.ports[port] = {self->pid, xprt};
    auths_[xprt + ":" + std::to_string(port)] = auth;
    return true;
}

const LdmsdVerb* find_ldmsd_verb(std::string_view name) {
    for (const auto rows : {ldmsd_verbs(), ldmsd_collecting_verbs(), ldmsd_storing_verbs()})
        for (const LdmsdVerb& each : rows)
            if (each.name == name) return &each;
    return nullptr;
}

CommandAnswer Ldmsd::command(const std::string& given) {
    std::string line;
    for (std::size_t at = 0; at < given.size();) {
        const auto begin = given.find("${", at);
        const auto end = begin == std::string::npos ? begin : given.find('}', begin);
        line += given.substr(at, end == std::string::npos ? end : begin - at);
        if (end == std::string::npos) break;
        const std::string name = given.substr(begin + 2, end - begin - 2);
        const auto found = options_.env.find(name);
        if (found == options_.env.end())
            log("WARNING", "${" + name + "} is not defined");
        else
            line += found->second;
        at = end + 1;
    }
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    Attributes attributes;
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        attributes[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    const LdmsdVerb* found = find_ldmsd_verb(verb);
    if (found == nullptr) return refuse(errors::invalid, "Unknown command '" + verb + "'");
    LdmsdCommands commands{*this, attributes};
    return (commands.*found->run)();
}

bool Ldmsd::configure(const std::string& text, const std::string& file) {
    std::istringstream lines(text);
    std::vector<std::pair<int, std::string>> at_once, later_on;
    std::string whole;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.ends_with("\\")) {
            whole += line.substr(0, line.size() - 1) + " ";
            continue;
        }
        whole += line;
        const auto first = whole.find_first_not_of(" \t");
        if (first != std::string::npos && whole[first] != '#') {
            const std::string command = whole.substr(first);
            const LdmsdVerb* verb = find_ldmsd_verb(command.substr(0, command.find_first_of(" \t")));
            (verb != nullptr && verb->deferred ? later_on : at_once).emplace_back(number, command);
        }
        whole.clear();
    }
    at_once.insert(at_once.end(), later_on.begin(), later_on.end());
    for (const auto& [at, line] : at_once) {
        const CommandAnswer answer = command(line);
        if (answer.error == 0) continue;
        log("ERROR", "Configuration error at line " + std::to_string(at) + " (" + file + "): error " +
                         std::to_string(answer.error) + ": " + answer.text);
        if (world_.options().ldmsd_strict) return false;
    }
    return true;
}

std::span<const LdmsdVerb> ldmsd_verbs() {
    using C = LdmsdCommands;
    static const LdmsdVerb rows[] = {
        {"load", &C::load},
        {"config", &C::config},
        {"start", &C::start},
        {"stop", &C::stop},
        {"term", &C::term},
        {"listen", &C::listen},
        {"auth_add", &C::auth_add},
        {"option", &C::accept},
        {"loglevel", &C::accept},
        {"env", &C::accept},
        {"default_quota", &C::accept},
        {"daemon_status", &C::daemon_status},
        {"dir", &C::dir},
        {"version", &C::version},
        {"usage", &C::usage},
        {"greeting", &C::greeting},
    };
    return rows;
}

}  // namespace csim::model
