// How agents become hosts of the model: registration, contact, boot times.
#pragma once

#include "manager/agent_data/agent_data.hpp"
#include "manager/agent_service.hpp"
#include "manager/host_registry.hpp"
#include "manager/jobs/job_engine.hpp"

namespace csim {

class ManagerHosts final : public HostRegistry, public ContactObserver {
  public:
    ManagerHosts(Model& model, Alerts& alerts, JobEngine& engine, AgentData& data)
        : model_(model), alerts_(alerts), engine_(engine), data_(data) {}

    bool host_in_use(std::string_view fqdn) const override;
    Result<RegisteredHost> create_host(const HostDraft& draft) override;
    Result<Nothing> rename_host(std::string_view from, const std::string& to, const std::string& address)
        override;
    std::optional<std::string> profile_json(std::string_view profile) const override;

    void contact_lost(const std::string& fqdn) override;
    void contact_made(const std::string& fqdn) override;
    void boot_time_changed(const std::string& fqdn, SimTime boot_time, bool rebooted) override;

  private:
    bool address_in_use(const std::string& address, std::int64_t except) const;
    /// Registered, and left halfway: the manager was stopped meanwhile, or the server was away for too long.
    bool left_unfinished(const HostRow& host) const;
    std::int64_t deploy(const HostRow& host);

    Model& model_;
    Alerts& alerts_;
    JobEngine& engine_;
    AgentData& data_;
};

}  // namespace csim
