// Power as the manager's users see it: they tell it of the power strips, and have it switch hosts.
#include "sim/cluster_simulator.hpp"
#include "sim/scenario/workload.hpp"
#include "sim/vtime/virtual_cluster.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace csim {
namespace {

using Kind = WorkloadParameter::Kind;
using StrikePtr = std::shared_ptr<Strike>;

constexpr Duration ask_again = 10s;
constexpr Duration walk_to_the_strip = 60s;
constexpr int walks_max = 30;
constexpr int outlets_max_least = 8;

std::string text_in(const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The objects of a list; empty if the manager did not answer.
Json objects_of(const VirtualReply& reply) {
    if (reply.status != 200 || !reply.body.is_object()) return Json::array();
    return reply.body.value("objects", Json::array());
}

/// One look at what the manager knows, and the next thing that it does not know yet.
class PowerPlan : public std::enable_shared_from_this<PowerPlan> {
  public:
    explicit PowerPlan(StrikePtr strike) : strike_(std::move(strike)) {}

    void look() {
        if (strike_->over) return;
        ask("/api/power_control_type/?limit=0", [](PowerPlan& plan, Json types) {
            plan.types_ = std::move(types);
            plan.ask("/api/power_control_device/?limit=0", [](PowerPlan& same, Json devices) {
                same.devices_ = std::move(devices);
                same.ask("/api/host/?limit=0", [](PowerPlan& last, Json hosts) {
                    last.hosts_ = std::move(hosts);
                    last.act();
                });
            });
        });
    }

  private:
    template <class Then>
    void ask(const char* target, Then then) {
        rest().request("GET", target, Json(), [self = shared_from_this(), then](const VirtualReply& reply) {
            if (reply.status != 200) return self->later();
            then(*self, objects_of(reply));
        });
    }

    void act() {
        const std::string type = type_uri();
        if (type.empty()) return add_type();
        for (const PowerStrip* strip : power().strips()) {
            if (device_of(*strip) == nullptr) return add_device(type, *strip);
        }
        if (!assign_next()) later_unless_complete();
    }

    std::string type_uri() const {
        for (const Json& type : types_) {
            const bool ours = text_in(type, "make") == "Fake" && text_in(type, "model") == "PDU";
            if (ours) return text_in(type, "resource_uri");
        }
        return "";
    }

    const Json* device_of(const PowerStrip& strip) const {
        for (const Json& device : devices_) {
            if (device.value("port", std::int64_t{0}) == strip.port()) return &device;
        }
        return nullptr;
    }

    void add_type() {
        const auto& servers = power().outlets().servers();
        const int most = servers.empty() ? 0 : servers.rbegin()->first;
        const Json body{
            {"agent", "fence_apc"},
            {"make", "Fake"},
            {"model", "PDU"},
            {"max_outlets", std::max(most, outlets_max_least)},
            {"default_username", "apc"},
            {"default_password", "apc"}};
        send("POST", "/api/power_control_type/", body);
    }

    void add_device(const std::string& type, const PowerStrip& strip) {
        const Json body{{"device_type", type}, {"address", strip.address()}, {"port", strip.port()}};
        send("POST", "/api/power_control_device/", body);
    }

    /// Gives the next outlet to the host that it feeds. False if nothing can be given now.
    bool assign_next() {
        for (const Json& device : devices_) {
            for (const Json& outlet : device.value("outlets", Json::array())) {
                const std::string* fqdn =
                    power().outlets().server_at(parse_outlet(text_in(outlet, "identifier")));
                if (fqdn == nullptr || !outlet.value("host", Json()).is_null()) continue;
                const std::string host = host_uri(*fqdn);
                if (host.empty()) continue;
                send("PATCH", text_in(outlet, "resource_uri"), Json{{"host", host}});
                return true;
            }
        }
        return false;
    }

    std::string host_uri(const std::string& fqdn) const {
        for (const Json& host : hosts_) {
            if (text_in(host, "fqdn") == fqdn) return text_in(host, "resource_uri");
        }
        return "";
    }

    void later_unless_complete() {
        const auto& servers = power().outlets().servers();
        const bool complete = std::all_of(servers.begin(), servers.end(), [&](const auto& entry) {
            return !host_uri(entry.second).empty();
        });
        if (!complete) later();
    }

    void send(const char* method, const std::string& target, const Json& body) {
        rest().request(method, target, body, [self = shared_from_this()](const VirtualReply& reply) {
            // What the manager does not like now is tried again, but not in a hurry.
            reply.status >= 200 && reply.status < 300 ? self->look() : self->later();
        });
    }

    void later() {
        strike_->host.timeline.after(ask_again, [self = shared_from_this()] { self->look(); });
    }

    VirtualRest& rest() const { return strike_->host.cluster->rest(); }
    const FakePower& power() const { return strike_->host.simulator.world().power(); }

    StrikePtr strike_;
    Json types_, devices_, hosts_;
};

void watch_power(const StrikePtr& strike) {
    std::make_shared<PowerPlan>(strike)->look();
}

void order(const StrikePtr& strike, const std::string& fqdn, const Json& hosts) {
    for (const Json& host : hosts) {
        if (text_in(host, "fqdn") != fqdn) continue;
        const bool cycle = strike->number("action") > 0;
        const Json job{
            {"class_name", cycle ? "PowercycleHostJob" : "PoweroffHostJob"},
            {"args", Json{{"host_id", host.value("id", std::int64_t{0})}}}};
        const Json body{{"message", "power of " + fqdn}, {"jobs", Json::array({job})}};
        strike->host.cluster->rest().request("POST", "/api/command/", body, [](const VirtualReply&) {});
    }
}

/// Without power devices the manager refuses, and nothing happens.
void power_command(const StrikePtr& strike) {
    strike->host.cluster->rest().request(
        "GET", "/api/host/?limit=0", Json(),
        [strike](const VirtualReply& reply) {
            if (strike->over) return;
            const Json hosts = objects_of(reply);
            for (const std::string& fqdn : strike->on) order(strike, fqdn, hosts);
        }
    );
}

/// Somebody walks by now and then and switches on what is off: a job may come late.
void walk_by(ScenarioHost host, const std::vector<std::string>& fqdns, int walks_left) {
    FakePower& power = host.simulator.world().power();
    for (const std::string& fqdn : fqdns) {
        if (!power.has_power(fqdn)) (void)power.command_server(fqdn, OutletCommand::on);
    }
    if (walks_left == 0) return;
    host.timeline.after(walk_to_the_strip, [host, fqdns, walks_left] {
        walk_by(host, fqdns, walks_left - 1);
    });
}

void switched_on(Strike& strike) {
    walk_by(strike.host, strike.on, walks_max);
}

constexpr std::array command_parameters{
    WorkloadParameter{"action", Kind::choice, 0, 0, 1, "off cycle", "what the manager is asked to do"},
};

constexpr std::array<ScenarioWorkload, 2> table{{
    {"power_command", ScenarioWorkload::Where::server, false, true, 120, command_parameters, &power_command,
     &switched_on,
     "A user has the manager switch the server off, or off and on, through the power strips that it was told "
     "of. After `lasts` somebody switches on what is off."},
    {"watch_power",
     ScenarioWorkload::Where::nowhere,
     false,
     false,
     0,
     {},
     &watch_power,
     nullptr,
     "A user tells the manager of every power strip, and which outlet feeds which server."},
}};

}  // namespace

std::span<const ScenarioWorkload> power_job_workloads() {
    return table;
}

}  // namespace csim
