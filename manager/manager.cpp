// The parts in the order in which they need each other.
#include "manager/manager.hpp"

#include "manager/copytool_records.hpp"
#include "manager/manager_hosts.hpp"
#include "manager/power/power_control.hpp"
#include "manager/queue_sampler.hpp"
#include "manager/rest/resource_set.hpp"
#include "manager/storage/controller_polling.hpp"

namespace csim {

struct ManagerCore::Impl {
    ManagerOptions options;
    Model model;
    AgentService service;
    ActionRpc rpc;
    Alerts alerts;
    JobServices services;
    JobEngine engine;
    PowerControl power;
    ControllerPolling controllers;
    AgentData data;
    ManagerHosts hosts;
    Tokens tokens;
    CertificateTable certificates;
    Registrar registrar;
    CopytoolRecords copytools;
    AgentFront front;
    ReportConsumers consumers;
    Accounts accounts;
    RestApi api;
    ResourceServices resources;
    QueueSampler sampler;

    Impl(
        Timeline& timeline, Documents& documents, Rng rng, Signer& signer, std::shared_ptr<ByteSource> bytes,
        ManagerOptions given
    )
        : options(std::move(given)),
          model(timeline, documents),
          service(timeline, documents, rng.stream("agents"), options.agents),
          rpc(timeline, service, rng.stream("actions")),
          alerts(model),
          services{model, alerts, rpc, rng.stream("jobs"), options.ntp_server},
          engine(services),
          power(services),
          controllers(model, alerts, rng.stream("controllers")),
          data(model, alerts, engine),
          hosts(model, alerts, engine, data),
          tokens(timeline, documents, source(bytes)),
          certificates(documents),
          registrar(
              timeline, documents, tokens, certificates, signer, hosts, service,
              {options.version, options.url}
          ),
          copytools(model, engine),
          front(service, certificates, registrar, signer, &copytools),
          consumers(model, service, data, options.journal),
          accounts(model, source(bytes), options.accounts),
          api(model, engine, accounts, options.rest),
          resources{accounts, tokens, options.url, timeline.now(), [this] { return queues(); },
                    {},       power,  controllers},
          sampler(timeline) {
        add_queues();
    }

    static ByteSource source(std::shared_ptr<ByteSource> bytes) {
        return [bytes](std::size_t count) { return (*bytes)(count); };
    }

    void add_queues();
    std::vector<QueueFigures> queues() const;
};

void ManagerCore::Impl::add_queues() {
    sampler.add("agent_action_runner_rx", [this] {
        const auto received = rpc.received();
        return QueueReading{received.messages, received.waiting};
    });
    sampler.add("agent_tx", [this] {
        const AgentServiceStats stats = service.stats();
        return QueueReading{stats.messages_sent + stats.filtered + stats.queued, stats.queued};
    });
    sampler.add("stats", [this] { return QueueReading{model.metrics.noted(), 0}; });
    sampler.add("job_scheduler_notifications", [this] {
        return QueueReading{engine.notified(), engine.buffered_notifications()};
    });
    sampler.add("jobs", [this] {
        const auto made = static_cast<std::uint64_t>(model.jobs.last_id());
        return QueueReading{made, engine.pending()};
    });
    // Questions to power devices and storage controllers.
    sampler.add("periodic", [this] {
        const std::size_t waiting = power.pending() + controllers.asked();
        return QueueReading{controllers.questions() + power.pending(), waiting};
    });
}

std::vector<QueueFigures> ManagerCore::Impl::queues() const {
    std::vector<QueueFigures> figures = consumers.figures();
    for (QueueFigures& queue : sampler.figures()) figures.push_back(std::move(queue));
    // The parts of this manager call each other; nothing waits in between.
    for (const char* name :
         {"AgentDaemonRpcInterface.requests", "ScanDaemonRpcInterface.requests", "PowerControlRpc.requests",
          "HttpAgentRpc.requests", "JobSchedulerRpc.requests"}) {
        figures.push_back({name, 0, 0, 0});
    }
    return figures;
}

ManagerCore::ManagerCore(
    Timeline& timeline, Documents& documents, Rng rng, Trace* trace, Signer& signer, ByteSource bytes,
    ManagerOptions options
)
    : impl_(std::make_unique<Impl>(
          timeline, documents, rng, signer, std::make_shared<ByteSource>(std::move(bytes)), std::move(options)
      )) {
    impl_->model.trace = trace;
    impl_->services.agent_data = &impl_->data;
    impl_->services.forget_agent = [this](const std::string& fqdn) { impl_->registrar.remove_host(fqdn); };
    impl_->model.load();
    impl_->accounts.recover();
    impl_->engine.recover();
    impl_->power.recover();
    impl_->service.observe(impl_->hosts);
    add_resources(impl_->api, impl_->resources);
    impl_->sampler.start();
}

ManagerCore::~ManagerCore() = default;

std::uint64_t ManagerCore::rest(const HttpRequest& request, Done done) {
    return impl_->api.handle(request, std::move(done));
}

void ManagerCore::abandon_rest(std::uint64_t ticket) {
    impl_->api.abandon(ticket);
}

void ManagerCore::agent(const HttpRequest& request, const Peer& peer, Done done) {
    impl_->front.handle(request, peer, std::move(done));
}

AgentService& ManagerCore::agents() {
    return impl_->service;
}
Registrar& ManagerCore::registrar() {
    return impl_->registrar;
}
CertificateTable& ManagerCore::certificates() {
    return impl_->certificates;
}
Tokens& ManagerCore::tokens() {
    return impl_->tokens;
}
Model& ManagerCore::model() {
    return impl_->model;
}
JobEngine& ManagerCore::jobs() {
    return impl_->engine;
}
const RestApi& ManagerCore::api() const {
    return impl_->api;
}
void ManagerCore::use_power_driver(PowerDriver& driver) {
    impl_->power.use(&driver);
}
void ManagerCore::use_controller_source(ControllerSource& source) {
    impl_->controllers.use(source);
}
void ManagerCore::count_connections(std::function<std::size_t()> count) {
    impl_->resources.connections = std::move(count);
}

}  // namespace csim
