// Validation, then ConfigureLNetJob for each host concerned.
#include "manager/rest/nid_requests.hpp"

#include "manager/jobs/job_engine.hpp"
#include "manager/rest/fields.hpp"
#include "manager/rest/stateful_part.hpp"

#include <algorithm>

namespace csim {

std::vector<std::string> lnd_types(const InterfaceRow& interface) {
    if (interface.type == "o2ib") return {"tcp", "o2ib"};
    return {"tcp"};
}

namespace nid_requests {

namespace {

/// New NIDs by host and interface; null takes one away.
using Wishes = std::map<std::int64_t, Json>;

void check_members(const Json& item) {
    static const std::vector<std::string> known{
        "network_interface", "lnd_network", "lnd_type", "lnet_configuration", "resource_uri", "id",
    };
    if (member(item, "lnd_network").is_null())
        stop_field("lnd_network", "Field lnd_network not present in data");
    const bool removes = member(item, "lnd_network") == Json(-1);
    for (const char* name : {"network_interface", "lnd_type"}) {
        const bool needed = std::string_view(name) != "lnd_type" || !removes;
        if (needed && member(item, name).is_null())
            stop_field(name, "Field " + std::string(name) + " not present in data");
    }
    std::string unknown;
    for (const auto& entry : item.items()) {
        if (std::find(known.begin(), known.end(), entry.key()) != known.end()) continue;
        unknown += (unknown.empty() ? "" : ",") + entry.key();
    }
    if (!unknown.empty()) stop_field(unknown, "Additional field(s) " + unknown + " found in data");
}

void add_wish(const Model& model, Wishes& wishes, const Json& item, bool strict) {
    if (!item.is_object()) stop_field("objects", "Each NID must be an object");
    if (strict) check_members(item);
    const Json& named = member(item, "network_interface");
    const std::string uri = named.is_string() ? named.get<std::string>() : "";
    const InterfaceRow* interface = model.interfaces.find(id_in_uri("network_interface", uri).value_or(0));
    if (interface == nullptr)
        stop_field(uri.empty() ? "network_interface" : uri, "Resource " + uri + " was not found");
    const Json& network = member(item, "lnd_network");
    const bool fits = network.is_number_integer() && Json(-1) <= network && network <= Json(65535);
    if (!fits)
        stop_field("lnd_network", "Must be a whole number from 0 to 65535, or -1 to take the NID away");
    Json& of_host = wishes[interface->host_id];
    if (network == Json(-1)) {
        of_host[std::to_string(interface->id)] = nullptr;
        return;
    }
    const Json& type = member(item, "lnd_type");
    const auto types = lnd_types(*interface);
    const bool valid =
        type.is_string() && std::find(types.begin(), types.end(), type.get<std::string>()) != types.end();
    if (!valid) {
        const std::string name = host_label(model.hosts.at(interface->host_id)) + "-" + interface->name;
        const std::string text = type.is_string() ? type.get<std::string>() : type.dump();
        stop_field("lnd_type", "lnd_type " + text + " not valid for interface " + name);
    }
    of_host[std::to_string(interface->id)] = Json{{"lnd_network", network}, {"lnd_type", type}};
}

std::int64_t start(RestContext& context, const Wishes& wishes) {
    std::vector<JobRequest> requests;
    for (const auto& [host, nids] : wishes) {
        const ObjectRef lnet{Kind::lnet_configuration, context.model.hosts.at(host).lnet_id};
        const Json args{{"state", context.model.status(lnet)->state}, {"nids", nids}};
        requests.push_back({"ConfigureLNetJob", lnet, args.dump()});
    }
    auto started = context.engine.run_jobs("Configuring NIDS for hosts", requests);
    if (!started) stop_text("error", started.error().detail);
    return *started;
}

}  // namespace

ApiReply post(RestContext& context, bool strict) {
    Wishes wishes;
    const Json& objects = member(context.body, "objects");
    if (objects.is_array()) {
        for (const Json& item : objects) add_wish(context.model, wishes, item, strict);
    } else {
        add_wish(context.model, wishes, context.body, strict);
    }
    return stateful::command_reply(context, start(context, wishes));
}

ApiReply remove(RestContext& context, const Keys& interfaces) {
    Wishes wishes;
    for (Key key : interfaces)
        wishes[context.model.interfaces.at(key).host_id][std::to_string(key)] = nullptr;
    if (!wishes.empty()) start(context, wishes);
    return bare_reply(204);
}

}  // namespace nid_requests
}  // namespace csim
