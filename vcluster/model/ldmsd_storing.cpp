// Commands about storage policies, and questions to the daemon as a whole.
#include "core/json.hpp"
#include "vcluster/model/ldmsd_commands.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim::model {

namespace errors = ldmsd_error;

CommandAnswer LdmsdCommands::strgp_add() {
    for (const char* each : {"name", "plugin", "container", "schema"})
        if (get(each).empty())
            return refuse(errors::invalid, "The attribute '" + std::string(each) + "' is required.");
    if (of.storages_.contains(get("name")))
        return refuse(errors::exists, "The strgp " + get("name") + " already exists.");
    if (!of.stores_.contains(get("plugin")))
        return refuse(errors::missing, "The plugin '" + get("plugin") + "' is not loaded.");
    Storage& storage = of.storages_[get("name")];
    storage.name = get("name");
    storage.plugin = get("plugin");
    storage.container = get("container");
    storage.schema = get("schema");
    return {};
}

namespace {

CommandAnswer running(const Storage& storage) {
    return refuse(
        errors::busy,
        "Configuration changes cannot be made while the storage policy " + storage.name + " is running."
    );
}

}  // namespace

CommandAnswer LdmsdCommands::strgp_prdcr_add() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    const auto expression = regex("regex", answer);
    if (!expression) return answer;
    if (storage->running) return running(*storage);
    storage->producers[get("regex")] = *expression;
    return {};
}

CommandAnswer LdmsdCommands::strgp_prdcr_del() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (storage->running) return running(*storage);
    if (storage->producers.erase(get("regex")) == 0)
        return refuse(errors::missing, "The producer expression is not there.");
    return {};
}

CommandAnswer LdmsdCommands::strgp_metric_add() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (get("metric").empty()) return refuse(errors::invalid, "The attribute 'metric' is required.");
    if (storage->running) return running(*storage);
    if (std::find(storage->metrics.begin(), storage->metrics.end(), get("metric")) != storage->metrics.end())
        return refuse(errors::exists, "The metric '" + get("metric") + "' is already present.");
    storage->metrics.push_back(get("metric"));
    return {};
}

CommandAnswer LdmsdCommands::strgp_metric_del() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (storage->running) return running(*storage);
    if (std::erase(storage->metrics, get("metric")) == 0)
        return refuse(errors::missing, "The metric is not there.");
    return {};
}

CommandAnswer LdmsdCommands::strgp_start() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (storage->running) return refuse(errors::busy, "The storage policy is already running.");
    storage->running = true;
    return {};
}

CommandAnswer LdmsdCommands::strgp_stop() {
    CommandAnswer answer;
    Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (!storage->running) return refuse(errors::busy, "The storage policy is not running.");
    storage->running = false;
    return {};
}

CommandAnswer LdmsdCommands::strgp_del() {
    CommandAnswer answer;
    const Storage* storage = named(of.storages_, "The strgp", answer);
    if (storage == nullptr) return answer;
    if (storage->running) return refuse(errors::busy, "The storage policy is in use.");
    of.storages_.erase(get("name"));
    return {};
}

CommandAnswer LdmsdCommands::strgp_status() {
    CommandAnswer answer;
    if (has("name") && named(of.storages_, "The strgp", answer) == nullptr) return answer;
    Json all = Json::array();
    for (const auto& [name, storage] : of.storages_) {
        if (has("name") && name != get("name")) continue;
        Json producers = Json::array();
        for (const auto& [text, expression] : storage.producers) producers.push_back(text);
        all.push_back(
            {{"name", name},
             {"container", storage.container},
             {"schema", storage.schema},
             {"plugin", storage.plugin},
             {"state", storage.running ? "RUNNING" : "STOPPED"},
             {"producers", producers},
             {"metrics", storage.metrics}}
        );
    }
    return {0, all.dump()};
}

CommandAnswer LdmsdCommands::daemon_status() {
    Json state{{"state", "ready"}, {"sets", of.directory_.size()}, {"producers", of.producers_.size()}};
    return {0, state.dump()};
}

CommandAnswer LdmsdCommands::dir() {
    Json all = Json::array();
    for (const auto& [instance, set] : of.directory_) all.push_back(instance);
    return {0, all.dump()};
}

CommandAnswer LdmsdCommands::version() {
    return {0, "LDMSD Version: 4.3.0\nLDMS Protocol Version: 4.3.0"};
}

CommandAnswer LdmsdCommands::usage() {
    std::string text;
    for (const auto rows : {ldmsd_verbs(), ldmsd_collecting_verbs(), ldmsd_storing_verbs()})
        for (const LdmsdVerb& each : rows) text += (text.empty() ? "" : "\n") + std::string(each.name);
    return {0, text};
}

CommandAnswer LdmsdCommands::greeting() {
    return {0, "Hello '" + get("name") + "'"};
}

// A header once, a row for each update.
void Ldmsd::store(const MetricSet& set, const Producer& producer) {
    for (auto& [name, storage] : storages_) {
        const auto covers = [&](const auto& each) { return std::regex_search(producer.name, each.second); };
        const bool from = storage.producers.empty() ||
                          std::any_of(storage.producers.begin(), storage.producers.end(), covers);
        if (!storage.running || storage.schema != set.schema || !from) continue;
        ++storage.rows;
        if (storage.plugin != "store_csv") continue;
        const auto chosen = [&storage = storage](const Metric& metric) {
            return storage.metrics.empty() ||
                   std::find(storage.metrics.begin(), storage.metrics.end(), metric.name) !=
                       storage.metrics.end();
        };
        std::string header = "#Time,Time_usec,ProducerName", row;
        const std::int64_t us = set.updated.unix_ns() / 1000;
        row = std::to_string(us / 1'000'000) + "," + std::to_string(us % 1'000'000) + "," + set.producer;
        for (const Metric& metric : set.metrics)
            if (chosen(metric)) header += "," + metric.name, row += "," + metric.value;
        NodeFile folder;
        folder.type = NodeFile::Type::directory;
        folder.mode = 0755;
        const std::string place = stores_[storage.plugin] + "/" + storage.container;
        if (!node_.exists(place)) node_.write(place, folder);
        const std::string file = place + "/" + storage.schema;
        if (!node_.exists(file)) node_.append(file, header + "\n");
        node_.append(file, row + "\n");
    }
}

std::span<const LdmsdVerb> ldmsd_storing_verbs() {
    using C = LdmsdCommands;
    static const LdmsdVerb rows[] = {
        {"strgp_add", &C::strgp_add},
        {"strgp_prdcr_add", &C::strgp_prdcr_add},
        {"strgp_prdcr_del", &C::strgp_prdcr_del},
        {"strgp_metric_add", &C::strgp_metric_add},
        {"strgp_metric_del", &C::strgp_metric_del},
        {"strgp_start", &C::strgp_start, true},
        {"strgp_stop", &C::strgp_stop},
        {"strgp_del", &C::strgp_del},
        {"strgp_status", &C::strgp_status},
    };
    return rows;
}

}  // namespace csim::model
