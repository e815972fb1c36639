// Reading back what was saved.
#include "manager/model/load_rows.hpp"
#include "manager/model/model.hpp"
#include "manager/model/table_of.hpp"

#include <string>

namespace csim {

void Model::load() {
    const StateStore& store = documents.store();
    EntryName name{"counters.json", ""};
    if (auto json = store.load(name)) {
        using Loaded = Document<CounterRow>::Loaded;
        counters_ = std::make_unique<Document<CounterRow>>(
            Loaded{}, documents, name, decode<CounterRow>(name, *json)
        );
    } else {
        counters_ = std::make_unique<Document<CounterRow>>(documents, name, CounterRow{});
    }
    for (auto& row : load_section<UserRow>(store, "users.json", "users")) users.restore(std::move(row));
    for (auto& row : load_section<LoginRow>(store, "users.json", "logins")) logins.restore(std::move(row));
    for (const std::string& document : store.documents("volumes_")) {
        for (auto& row : load_section<VolumeRow>(store, document, "volumes")) {
            volume_by_key_[row.key] = row.id;
            volumes.restore(std::move(row));
        }
    }
    for (const std::string& document : store.documents("alerts_")) {
        for (auto& row : load_section<AlertRow>(store, document, "alerts")) {
            index_alert(row);
            alerts.restore(std::move(row));
        }
    }
    load_hosts();
    load_targets();
    load_commands();
    load_equipment();
    load_storage();
    load_reports();
}

void Model::load_hosts() {
    const StateStore& store = documents.store();
    for (const std::string& document : store.documents("host_")) {
        EntryName name{document, "host"};
        auto json = store.load(name);
        if (!json) continue;
        auto host = decode<HostRow>(name, *json);
        host_by_fqdn_[host.fqdn] = host.id;
        host_by_nodename_[host.nodename] = host.id;
        hosts.restore(std::move(host));
        for (auto& row : load_section<LNetRow>(store, document, "lnet_configuration")) lnets.restore(row);
        for (auto& row : load_section<CorosyncRow>(store, document, "corosync_configuration"))
            corosyncs.restore(row);
        for (auto& row : load_section<PacemakerRow>(store, document, "pacemaker_configuration"))
            pacemakers.restore(row);
        for (auto& row : load_section<NtpRow>(store, document, "ntp_configuration")) ntps.restore(row);
        for (auto& row : load_section<InterfaceRow>(store, document, "network_interfaces")) {
            interfaces_of_host_[row.host_id].insert(row.id);
            interfaces.restore(row);
        }
        for (auto& row : load_section<VolumeNodeRow>(store, document, "volume_nodes")) {
            nodes_of_host_[row.host_id].insert(row.id);
            nodes_of_volume_[row.volume_id].insert(row.id);
            volume_nodes.restore(row);
        }
    }
}

void Model::load_commands() {
    const StateStore& store = documents.store();
    for (const std::string& document : store.documents("command_")) {
        EntryName name{document, "command"};
        auto json = store.load(name);
        if (json) commands.restore(decode<CommandRow>(name, *json));
        for (auto& row : load_section<JobRow>(store, document, "jobs")) {
            for (std::size_t i = 0; i < row.steps.size(); ++i) {
                index_step(row.steps[i].id, row.id, static_cast<std::int64_t>(i));
            }
            jobs.restore(std::move(row));
        }
    }
}

}  // namespace csim
