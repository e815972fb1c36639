// One chain of callbacks per step; what it has learned so far travels in a shared struct.
#include "manager/jobs/corosync_steps.hpp"

#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

using namespace parts;

struct Ring {
    Json name = nullptr;
    Json address = nullptr;
    Json prefix = nullptr;
};

struct Joining {
    std::int64_t host = 0;
    std::string fqdn;
    std::int64_t corosync = 0;
    std::int64_t port = 0;
    Ring ring0, ring1;
    std::string password;
    std::string acting;
};

std::string port_turn(std::int64_t port) {
    return "mcast_port " + std::to_string(port);
}

std::string make_password(Rng& rng) {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string password;
    for (int i = 0; i < 20; ++i) password += letters[rng.between(0, 61)];
    return password;
}

/// Reads `get_corosync_autoconfig`'s answer. False if it holds nothing to work with.
bool read_rings(const Json& answer, Joining& joining) {
    if (!answer.is_object() || !answer.contains("interfaces") || !answer["interfaces"].is_object())
        return false;
    if (!answer.contains("mcast_port") || !answer["mcast_port"].is_number_integer()) return false;
    joining.port = answer["mcast_port"].get<std::int64_t>();
    for (const auto& [name, interface] : answer["interfaces"].items()) {
        if (!interface.is_object()) return false;
        const bool dedicated = interface.contains("dedicated") && interface["dedicated"] == Json(true);
        Ring& ring = dedicated ? joining.ring1 : joining.ring0;
        if (ring.name.is_null())
            ring = {Json(name), interface.value("ipaddr", Json()), interface.value("prefix", Json())};
    }
    return !joining.ring0.name.is_null();
}

/// The host that adds `joining` to its cluster: the first one on the same port, if it is set up, else the
/// host itself.
std::string acting_host(const Model& model, const Joining& joining) {
    for (std::int64_t id : model.corosyncs.with(joining.port)) {
        const CorosyncRow& other = model.corosyncs.at(id);
        if (other.host_id == joining.host) continue;
        const HostRow* peer = model.hosts.find(other.host_id);
        const bool set_up =
            peer && (peer->status.state == "managed" || peer->status.state == "packages_installed");
        return set_up ? peer->fqdn : joining.fqdn;
    }
    return joining.fqdn;
}

void record(StepRun& step, const Joining& joining) {
    Model& model = step.model();
    if (model.corosyncs.find(joining.corosync) == nullptr) return step.succeed();
    std::vector<std::int64_t> rings;
    for (const Json* name : {&joining.ring0.name, &joining.ring1.name}) {
        for (std::int64_t id : model.interfaces_of(joining.host)) {
            if (name->is_string() && model.interfaces.at(id).name == name->get<std::string>())
                rings.push_back(id);
        }
    }
    model.corosyncs.edit(joining.corosync, [&](CorosyncRow& row) {
        row.mcast_port = joining.port;
        row.interfaces = rings;
    });
    step.succeed();
}

void stage_2(StepRun& step, const std::shared_ptr<Joining>& joining) {
    Json args{
        {"ring0_name", joining->ring0.name}, {"ring1_name", joining->ring1.name},
        {"new_node_fqdn", joining->fqdn},    {"mcast_port", joining->port},
        {"pcs_password", joining->password}, {"create_cluster", joining->acting == joining->fqdn},
    };
    auto joined = [&step, joining](Result<StepRun::Answer> answer) {
        if (!answer) {
            const bool peer_gone =
                answer.error().code == Errc::unreachable && joining->acting != joining->fqdn;
            if (!peer_gone) return step.fail(answer.error().detail);
            joining->acting = joining->fqdn;
            return stage_2(step, joining);
        }
        if (!answer->value.is_null()) {
            auto unwrapped = unwrap(ActionResult{answer->value, {}});
            if (!unwrapped) return step.fail(unwrapped.error().detail);
        }
        record(step, *joining);
    };
    step.attempt(joining->acting, "configure_corosync2_stage_2", std::move(args), joined);
}

void stage_1(StepRun& step, const std::shared_ptr<Joining>& joining) {
    joining->acting = acting_host(step.model(), *joining);
    joining->password = make_password(step.services().rng);
    Json args{{"mcast_port", joining->port}, {"pcs_password", joining->password}};
    step.checked(
        joining->fqdn, "configure_corosync2_stage_1", std::move(args),
        [&step, joining](const Json&) { stage_2(step, joining); }
    );
}

void configure_network(StepRun& step, const std::shared_ptr<Joining>& joining) {
    Json args{
        {"ring0_name", joining->ring0.name},
        {"ring1_name", joining->ring1.name},
        {"ring1_ipaddr", joining->ring1.address},
        {"ring1_prefix", joining->ring1.prefix},
    };
    step.checked(joining->fqdn, "configure_network", std::move(args), [&step, joining](const Json&) {
        step.take_turn(port_turn(joining->port), [&step, joining] { stage_1(step, joining); });
    });
}

}  // namespace

std::vector<StepSpec> auto_configure_corosync_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    auto joining = std::make_shared<Joining>();
    joining->host = host.id;
    joining->fqdn = host.fqdn;
    joining->corosync = job.subject.id;
    auto run = [joining](StepRun& step) {
        step.checked(
            joining->fqdn, "get_corosync_autoconfig", Json::object(),
            [&step, joining](const Json& answer) {
                if (!read_rings(answer, *joining))
                    return step.fail("The agent named no network that corosync could use");
                configure_network(step, joining);
            }
        );
    };
    return {{"AutoConfigureCorosyncStep", host_args(host), run}};
}

std::vector<StepSpec> unconfigure_corosync_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const auto port = model.corosyncs.at(job.subject.id).mcast_port;
    auto run = [fqdn = host.fqdn, port](StepRun& step) {
        step.take_turn(port_turn(port.value_or(0)), [&step, fqdn, port] {
            Json args{{"host_fqdn", fqdn}, {"mcast_port", port ? Json(*port) : Json()}};
            step.checked(fqdn, "unconfigure_corosync2", std::move(args), [&step](const Json&) {
                step.succeed();
            });
        });
    };
    return {{"UnconfigureCorosyncStep", host_args(host), run}};
}

std::vector<StepSpec> configure_corosync_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const Json wanted = Json::parse(job.args);
    auto run = [fqdn = host.fqdn, wanted, corosync = job.subject.id](StepRun& step) {
        const auto old_port = step.model().corosyncs.at(corosync).mcast_port;
        Json args{
            {"old_mcast_port", old_port ? Json(*old_port) : Json()},
            {"new_mcast_port", wanted["mcast_port"]}};
        step.checked(fqdn, "change_mcast_port", std::move(args), [&step, wanted, corosync](const Json&) {
            step.model().corosyncs.edit(corosync, [&](CorosyncRow& row) {
                row.mcast_port = wanted["mcast_port"].get<std::int64_t>();
                row.interfaces = wanted["network_interfaces"].get<std::vector<std::int64_t>>();
            });
            step.succeed();
        });
    };
    return {{"ConfigureCorosyncStep", host_args(host), run}};
}

}  // namespace csim
