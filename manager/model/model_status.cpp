// Stateful objects of all kinds, seen alike.
#include "manager/jobs/hsm_states.hpp"
#include "manager/manager_events.hpp"
#include "manager/model/model.hpp"

#include <algorithm>

namespace csim {

const Status* Model::status(ObjectRef object) const {
    auto of = [&](const auto& table) -> const Status* {
        const auto* row = table.find(object.id);
        return row == nullptr ? nullptr : &row->status;
    };
    switch (object.kind) {
        case Kind::host:
            return of(hosts);
        case Kind::lnet_configuration:
            return of(lnets);
        case Kind::corosync_configuration:
            return of(corosyncs);
        case Kind::pacemaker_configuration:
            return of(pacemakers);
        case Kind::ntp_configuration:
            return of(ntps);
        case Kind::target:
            return of(targets);
        case Kind::filesystem:
            return of(filesystems);
        case Kind::client_mount:
            return of(client_mounts);
        case Kind::copytool:
            return of(copytools);
        default:
            return nullptr;
    }
}

void Model::edit_status_row(ObjectRef object, UniqueFunction<void(Status&)> change) {
    auto apply = [&](auto& row) { change(row.status); };
    switch (object.kind) {
        case Kind::host:
            hosts.edit(object.id, apply);
            break;
        case Kind::lnet_configuration:
            lnets.edit(object.id, apply);
            break;
        case Kind::corosync_configuration:
            corosyncs.edit(object.id, apply);
            break;
        case Kind::pacemaker_configuration:
            pacemakers.edit(object.id, apply);
            break;
        case Kind::ntp_configuration:
            ntps.edit(object.id, apply);
            break;
        case Kind::target:
            targets.edit(object.id, apply);
            break;
        case Kind::filesystem:
            filesystems.edit(object.id, apply);
            break;
        case Kind::client_mount:
            client_mounts.edit(object.id, apply);
            break;
        case Kind::copytool:
            copytools.edit(object.id, apply);
            break;
        default:
            break;
    }
}

void Model::edit_status(ObjectRef object, const std::string& state, SimTime modified_at) {
    edit_status_row(object, [&](Status& status) {
        status.state = state;
        status.modified_at = modified_at;
    });
    if (trace == nullptr) return;
    const HostRow* host = hosts.find(host_of(object));
    trace->emit(
        host == nullptr ? std::string() : host->fqdn,
        ManagedStateSet{
            std::string(
                object.kind == Kind::ntp_configuration ? "ntp_configuration" : resource_name(object.kind)
            ),
            state}
    );
}

void Model::touch_modified(ObjectRef object, SimTime at) {
    if (status(object) == nullptr) return;
    edit_status_row(object, [&](Status& status) { status.modified_at = at; });
}

std::int64_t Model::host_of(ObjectRef object) const {
    auto of = [&](const auto& table) -> std::int64_t {
        const auto* row = table.find(object.id);
        return row == nullptr ? 0 : row->host_id;
    };
    switch (object.kind) {
        case Kind::host:
            return object.id;
        case Kind::lnet_configuration:
            return of(lnets);
        case Kind::corosync_configuration:
            return of(corosyncs);
        case Kind::pacemaker_configuration:
            return of(pacemakers);
        case Kind::ntp_configuration:
            return of(ntps);
        case Kind::target: {
            const TargetRow* target = targets.find(object.id);
            return target == nullptr ? 0 : primary_host(*target);
        }
        case Kind::client_mount:
            return of(client_mounts);
        case Kind::copytool:
            return of(copytools);
        case Kind::power_control_device_outlet: {
            const PowerOutletRow* outlet = power_outlets.find(object.id);
            return outlet == nullptr ? 0 : outlet->host_id.value_or(0);
        }
        default:
            return 0;
    }
}

std::string Model::display_text(ObjectRef object) const {
    const HostRow* host = hosts.find(host_of(object));
    std::string label = host == nullptr ? std::string("unknown host") : host_label(*host);
    switch (object.kind) {
        case Kind::host:
            return label;
        case Kind::lnet_configuration:
            return label + " LNet configuration";
        case Kind::corosync_configuration:
            return label + " Corosync2 configuration";
        case Kind::pacemaker_configuration:
            return label + " Pacemaker configuration";
        case Kind::ntp_configuration:
            return label + " NTP configuration";
        case Kind::target: {
            const TargetRow* target = targets.find(object.id);
            return target == nullptr ? "a target that is gone" : target->name;
        }
        case Kind::filesystem: {
            const FilesystemRow* filesystem = filesystems.find(object.id);
            return filesystem == nullptr ? "a file system that is gone" : filesystem->name;
        }
        case Kind::command: {
            const CommandRow* command = commands.find(object.id);
            return command == nullptr ? "command" : command->message;
        }
        case Kind::copytool: {
            const CopytoolRow* copytool = copytools.find(object.id);
            return copytool == nullptr ? "a copytool that is gone" : copytool_label(*this, *copytool);
        }
        case Kind::client_mount: {
            const ClientMountRow* mount = client_mounts.find(object.id);
            return mount == nullptr ? "a client mount that is gone" : label + ":" + mount->mountpoint;
        }
        case Kind::power_control_device: {
            const PowerDeviceRow* device = power_devices.find(object.id);
            return device == nullptr ? "power control device" : device->name;
        }
        case Kind::power_control_device_outlet: {
            const PowerOutletRow* outlet = power_outlets.find(object.id);
            return outlet == nullptr ? "an outlet that is gone" : outlet->identifier;
        }
        case Kind::storage_resource: {
            const ControllerRow* controller = controllers.find(object.id);
            return controller == nullptr ? "storage resource " + std::to_string(object.id)
                                         : "Controller " + std::to_string(controller->controller_id);
        }
        default:
            return std::string(resource_name(object.kind)) + " " + std::to_string(object.id);
    }
}

const ServerProfile& Model::profile_of(const HostRow& host) const {
    const ServerProfile* profile = find_profile(host.profile);
    return profile == nullptr ? server_profiles().front() : *profile;
}

std::string host_label(const HostRow& host) {
    static constexpr std::string_view domain = ".localdomain";
    std::string label = host.fqdn;
    if (label.ends_with(domain)) label.resize(label.size() - domain.size());
    return label;
}

std::string nid_text(const InterfaceRow& interface) {
    if (!interface.nid) return {};
    return interface.inet4_address + "@" + interface.nid->lnd_type +
           std::to_string(interface.nid->lnd_network);
}

}  // namespace csim
