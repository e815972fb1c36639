// All resources of the API, and what they need beside the model.
#pragma once

#include "manager/queue_meter.hpp"
#include "manager/rest/accounts.hpp"
#include "manager/rest/resource.hpp"
#include "manager/tokens.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace csim {

class ControllerPolling;
class PowerControl;
class RestApi;

struct ResourceServices {
    Accounts& accounts;
    Tokens& tokens;
    std::string manager_url;
    SimTime started_at;
    std::function<std::vector<QueueFigures>()> queues;
    std::function<std::size_t()> connections;  ///< open ones, for the count in system_status
    PowerControl& power;
    ControllerPolling& controllers;
};

/// Adds every resource of the catalogue. `services` outlives the API.
void add_resources(RestApi& api, ResourceServices& services);

// The parts, by subject.
using ResourceList = std::vector<std::unique_ptr<Resource>>;
void add_host_resources(ResourceList& list, ResourceServices& services);
void add_network_resources(ResourceList& list, ResourceServices& services);
void add_ha_resources(ResourceList& list, ResourceServices& services);
void add_command_resources(ResourceList& list, ResourceServices& services);
void add_alert_resources(ResourceList& list, ResourceServices& services);
void add_log_resource(ResourceList& list);
void add_subscription_resource(ResourceList& list);
void add_package_resource(ResourceList& list);
void add_help_resource(ResourceList& list);
void add_volume_resources(ResourceList& list, ResourceServices& services);
void add_user_resources(ResourceList& list, ResourceServices& services);
void add_profile_resources(ResourceList& list, ResourceServices& services);
void add_token_resources(ResourceList& list, ResourceServices& services);
void add_system_resources(ResourceList& list, ResourceServices& services);
void add_storage_resources(ResourceList& list, ResourceServices& services);
void add_lustre_resources(ResourceList& list, ResourceServices& services);
void add_power_resources(ResourceList& list, ResourceServices& services);
void add_hsm_resources(ResourceList& list, ResourceServices& services);

}  // namespace csim
