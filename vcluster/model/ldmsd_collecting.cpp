// Commands about producers and updaters.
#include "core/json.hpp"
#include "vcluster/model/ldmsd_commands.hpp"

#include <nlohmann/json.hpp>

namespace csim::model {

namespace errors = ldmsd_error;
using State = Producer::State;

CommandAnswer LdmsdCommands::prdcr_add() {
    const std::string name = get("name");
    for (const char* each : {"name", "xprt", "host", "port", "type"})
        if (get(each).empty())
            return refuse(errors::invalid, "The attribute '" + std::string(each) + "' is required.");
    const std::string span = has("interval") ? get("interval") : get("reconnect");
    if (span.empty()) return refuse(errors::invalid, "The attribute 'interval' is required.");
    const auto interval = parse_interval(span);
    if (!interval || *interval <= Duration::zero())
        return refuse(errors::invalid, "The interval '" + span + "' is invalid.");
    const std::string type = get("type");
    if (type != "active" && type != "passive" && type != "bridge")
        return refuse(errors::invalid, "The type '" + type + "' is invalid.");
    const int port = std::atoi(get("port").c_str());
    if (port < 1 || port > 65535 || get("port").find_first_not_of("0123456789") != std::string::npos)
        return refuse(errors::invalid, "'" + get("port") + "' is an invalid port.");
    if (of.producers_.contains(name)) return refuse(errors::exists, "The prdcr " + name + " already exists.");
    if (of.node_.resolve(get("host")).empty())
        return refuse(errors::family, "The host '" + get("host") + "' could not be resolved.");
    Producer& producer = of.producers_[name];
    producer.name = name;
    producer.host = get("host");
    producer.xprt = get("xprt");
    producer.auth = get("auth");
    if (const auto found = of.auth_plugins_.find(producer.auth); found != of.auth_plugins_.end())
        producer.auth = found->second;
    producer.type = type;
    producer.port = port;
    producer.interval = *interval;
    return {};
}

CommandAnswer LdmsdCommands::begin(Producer& producer) {
    if (producer.state != State::stopped)
        return refuse(errors::busy, "The prdcr " + producer.name + " is already running.");
    producer.state = State::disconnected;
    producer.due = of.later(Duration::zero(), [self = &of, name = producer.name] { self->connect(name); });
    return {};
}

CommandAnswer LdmsdCommands::prdcr_start() {
    CommandAnswer answer;
    Producer* producer = named(of.producers_, "The prdcr", answer);
    if (producer == nullptr) return answer;
    if (has("interval")) {
        const auto interval = parse_interval(get("interval"));
        if (!interval || *interval <= Duration::zero())
            return refuse(errors::invalid, "The interval is invalid.");
        producer->interval = *interval;
    }
    return begin(*producer);
}

CommandAnswer LdmsdCommands::prdcr_start_regex() {
    CommandAnswer answer;
    const auto expression = regex("regex", answer);
    if (!expression) return answer;
    for (auto& [name, producer] : of.producers_)
        if (std::regex_search(name, *expression) && producer.state == State::stopped) begin(producer);
    return {};
}

CommandAnswer LdmsdCommands::end(Producer& producer) {
    if (producer.state == State::stopped)
        return refuse(errors::busy, "The prdcr " + producer.name + " is not running.");
    of.disconnect(producer, false);
    return {};
}

CommandAnswer LdmsdCommands::prdcr_stop() {
    CommandAnswer answer;
    Producer* producer = named(of.producers_, "The prdcr", answer);
    return producer == nullptr ? answer : end(*producer);
}

CommandAnswer LdmsdCommands::prdcr_stop_regex() {
    CommandAnswer answer;
    const auto expression = regex("regex", answer);
    if (!expression) return answer;
    for (auto& [name, producer] : of.producers_)
        if (std::regex_search(name, *expression) && producer.state != State::stopped) end(producer);
    return {};
}

CommandAnswer LdmsdCommands::prdcr_del() {
    CommandAnswer answer;
    const Producer* producer = named(of.producers_, "The prdcr", answer);
    if (producer == nullptr) return answer;
    if (producer->state != State::stopped)
        return refuse(errors::busy, "The prdcr " + producer->name + " is in use.");
    of.producers_.erase(get("name"));
    return {};
}

CommandAnswer LdmsdCommands::updtr_add() {
    const std::string name = get("name");
    if (name.empty()) return refuse(errors::invalid, "The attribute 'name' is required.");
    const auto interval = parse_interval(get("interval")), offset = parse_interval(get("offset", "0"));
    const bool automatic = get("auto_interval") == "true", push = has("push");
    if (of.updaters_.contains(name)) return refuse(errors::exists, "The updtr " + name + " already exists.");
    if ((!interval || *interval <= Duration::zero()) && !(automatic && !has("interval")) &&
        !(push && !has("interval")))
        return refuse(errors::invalid, "The update interval '" + get("interval") + "' is invalid.");
    if (!offset) return refuse(errors::invalid, "The offset '" + get("offset") + "' is invalid.");
    Updater& updater = of.updaters_[name];
    updater.name = name;
    updater.interval =
        interval && *interval > Duration::zero() ? *interval : Duration(std::chrono::seconds(1));
    updater.offset = *offset;
    updater.automatic = automatic;
    updater.push = push;
    return {};
}

namespace {

CommandAnswer running(const Updater& updater) {
    return refuse(
        errors::busy,
        "Configuration changes cannot be made while the updater " + updater.name + " is running."
    );
}

}  // namespace

CommandAnswer LdmsdCommands::updtr_prdcr_add() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr) return answer;
    const auto expression = regex("regex", answer);
    if (!expression) return answer;
    if (updater->running) return running(*updater);
    updater->producers[get("regex")] = *expression;
    return {};
}

CommandAnswer LdmsdCommands::updtr_prdcr_del() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr || !regex("regex", answer)) return answer;
    if (updater->running) return running(*updater);
    if (updater->producers.erase(get("regex")) == 0)
        return refuse(errors::missing, "The producer expression is not there.");
    return {};
}

CommandAnswer LdmsdCommands::updtr_match_add() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr) return answer;
    const auto expression = regex("regex", answer);
    if (!expression) return answer;
    const std::string match = get("match", "inst");
    if (match != "inst" && match != "schema")
        return refuse(errors::invalid, "The match '" + match + "' is invalid.");
    if (updater->running) return running(*updater);
    updater->matches[match + ":" + get("regex")] = {*expression, match == "schema"};
    return {};
}

CommandAnswer LdmsdCommands::updtr_match_del() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr || !regex("regex", answer)) return answer;
    const std::string match = get("match", "inst");
    if (match != "inst" && match != "schema")
        return refuse(errors::invalid, "The match '" + match + "' is invalid.");
    if (updater->running) return running(*updater);
    if (updater->matches.erase(match + ":" + get("regex")) == 0)
        return refuse(errors::missing, "The match is not there.");
    return {};
}

CommandAnswer LdmsdCommands::updtr_start() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr) return answer;
    if (updater->running) return refuse(errors::busy, "The updater is already running.");
    const auto interval = parse_interval(get("interval", "1")), offset = parse_interval(get("offset", "0"));
    if (!interval || *interval <= Duration::zero() || !offset)
        return refuse(errors::invalid, "The interval or the offset is invalid.");
    if (has("interval")) updater->interval = *interval;
    if (has("offset")) updater->offset = *offset;
    updater->running = true;
    of.update_later(*updater);
    return {};
}

CommandAnswer LdmsdCommands::updtr_stop() {
    CommandAnswer answer;
    Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr) return answer;
    if (!updater->running) return refuse(errors::busy, "The updater is already stopped.");
    updater->running = false;
    of.world_.timeline().cancel(updater->due);
    return {};
}

CommandAnswer LdmsdCommands::updtr_del() {
    CommandAnswer answer;
    const Updater* updater = named(of.updaters_, "The updtr", answer);
    if (updater == nullptr) return answer;
    if (updater->running) return refuse(errors::busy, "The updater is in use.");
    of.updaters_.erase(get("name"));
    return {};
}

CommandAnswer LdmsdCommands::prdcr_status() {
    CommandAnswer answer;
    if (has("name") && named(of.producers_, "The prdcr", answer) == nullptr) return answer;
    Json all = Json::array();
    for (const auto& [name, producer] : of.producers_) {
        if (has("name") && name != get("name")) continue;
        Json sets = Json::array();
        for (const auto& [instance, entry] : producer.sets)
            sets.push_back({{"inst_name", instance}, {"schema_name", entry.schema}, {"state", entry.state}});
        all.push_back(
            {{"name", name},
             {"host", producer.host},
             {"type", producer.type},
             {"port", producer.port},
             {"transport", producer.xprt},
             {"reconnect_us", std::to_string(producer.interval.count() / 1000)},
             {"state", text_of(producer.state)},
             {"sets", sets}}
        );
    }
    return {0, all.dump()};
}

CommandAnswer LdmsdCommands::updtr_status() {
    CommandAnswer answer;
    if (has("name") && named(of.updaters_, "The updtr", answer) == nullptr) return answer;
    Json all = Json::array();
    for (const auto& [name, updater] : of.updaters_) {
        if (has("name") && name != get("name")) continue;
        Json producers = Json::array();
        for (const auto& [prdcr, each] : of.producers_)
            for (const auto& [text, expression] : updater.producers)
                if (std::regex_search(prdcr, expression)) {
                    producers.push_back(
                        {{"name", prdcr},
                         {"host", each.host},
                         {"port", each.port},
                         {"transport", each.xprt},
                         {"state", text_of(each.state)}}
                    );
                    break;
                }
        all.push_back(
            {{"name", name},
             {"interval", std::to_string(updater.interval.count() / 1000)},
             {"offset", std::to_string(updater.offset.count() / 1000)},
             {"sync", "true"},
             {"mode", updater.push ? "Push" : "Pull"},
             {"auto", updater.automatic ? "true" : "false"},
             {"state", updater.running ? "RUNNING" : "STOPPED"},
             {"producers", producers}}
        );
    }
    return {0, all.dump()};
}

std::span<const LdmsdVerb> ldmsd_collecting_verbs() {
    using C = LdmsdCommands;
    static const LdmsdVerb rows[] = {
        {"prdcr_add", &C::prdcr_add},
        {"prdcr_start", &C::prdcr_start, true},
        {"prdcr_start_regex", &C::prdcr_start_regex, true},
        {"prdcr_stop", &C::prdcr_stop},
        {"prdcr_stop_regex", &C::prdcr_stop_regex},
        {"prdcr_del", &C::prdcr_del},
        {"prdcr_status", &C::prdcr_status},
        {"prdcr_set_status", &C::prdcr_status},
        {"updtr_add", &C::updtr_add},
        {"updtr_prdcr_add", &C::updtr_prdcr_add},
        {"updtr_prdcr_del", &C::updtr_prdcr_del},
        {"updtr_match_add", &C::updtr_match_add},
        {"updtr_match_del", &C::updtr_match_del},
        {"updtr_start", &C::updtr_start, true},
        {"updtr_stop", &C::updtr_stop},
        {"updtr_del", &C::updtr_del},
        {"updtr_status", &C::updtr_status},
    };
    return rows;
}

}  // namespace csim::model
