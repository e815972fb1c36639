// One life of a manager process on a bench, with consumers and observers that write down what they hear.
#pragma once

#include "core/rng.hpp"
#include "manager/agent_front.hpp"
#include "manager/certificate_table.hpp"
#include "manager/registrar.hpp"
#include "manager/sequenced_consumer.hpp"
#include "tests/conformance/manager_bench.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace csim {

using HeardEvents = std::vector<std::string>;

class RecordingConsumer final : public Consumer {
  public:
    RecordingConsumer(std::string name, HeardEvents& events) : name_(std::move(name)), events_(events) {}
    void session_created(const std::string&, const std::string&) override {
        events_.push_back(name_ + " created");
    }
    void session_terminated(const std::string&, const std::string&) override {
        events_.push_back(name_ + " terminated");
    }
    Result<Nothing> data(const Message& message, SessionMemo&) override {
        if (message.body.to_json() == "bad") return Error{Errc::corrupt, "bad"};
        if (message.body.to_json() == "throw") throw std::runtime_error("thrown");
        events_.push_back(name_ + " data");
        return Nothing{};
    }

  private:
    std::string name_;
    HeardEvents& events_;
};

class RecordingHandler final : public ReportHandler {
  public:
    RecordingHandler(std::string name, HeardEvents& events) : name_(std::move(name)), events_(events) {}
    Result<Nothing> full_report(const std::string&, const Body& body, SessionMemo&) override {
        return note(" full", body);
    }
    Result<Nothing> incremental_report(const std::string&, const Body& body, SessionMemo&) override {
        return note(" incremental", body);
    }

  private:
    Result<Nothing> note(const char* what, const Body& body) {
        if (body.to_json() == "bad") return Error{Errc::corrupt, "bad"};
        if (body.to_json() == "throw") throw std::runtime_error("thrown");
        events_.push_back(name_ + what);
        return Nothing{};
    }
    std::string name_;
    HeardEvents& events_;
};

class RecordingObserver final : public ContactObserver {
  public:
    explicit RecordingObserver(HeardEvents& events) : events_(events) {}
    void contact_lost(const std::string&) override { events_.push_back("contact lost"); }
    void contact_made(const std::string&) override { events_.push_back("contact made"); }
    void boot_time_changed(const std::string&, SimTime, bool rebooted) override {
        events_.push_back(rebooted ? "rebooted" : "booted");
    }

  private:
    HeardEvents& events_;
};

/// A table of hosts that outlives restarts of the manager.
struct HostTable final : HostRegistry {
    bool host_in_use(std::string_view fqdn) const override { return hosts.contains(std::string(fqdn)); }
    Result<RegisteredHost> create_host(const HostDraft& draft) override {
        if (addresses.contains(draft.address)) return Error{Errc::conflict, "The address is in use"};
        addresses.insert(draft.address);
        hosts[draft.fqdn] = {++last_id, 100 + last_id};
        return hosts[draft.fqdn];
    }
    Result<Nothing> rename_host(std::string_view from, const std::string& to, const std::string& address)
        override {
        if (addresses.contains(address)) return Error{Errc::conflict, "The address is in use"};
        hosts[to] = hosts[std::string(from)];
        hosts.erase(std::string(from));
        return Nothing{};
    }
    std::optional<std::string> profile_json(std::string_view profile) const override {
        if (profile == "base_managed")
            return R"({"name": "base_managed", "managed": true, "it's": "quoted"})";
        if (profile == "other") return "{}";
        return std::nullopt;
    }

    std::map<std::string, RegisteredHost> hosts;
    std::set<std::string> addresses;
    std::int64_t last_id = 0;
};

/// One life of the manager process.
struct ManagerProcess {
    ManagerProcess(
        Timeline& timeline, StateStore& store, HostTable& hosts, HeardEvents& events, Signer& signer, Rng rng
    )
        : documents(store),
          service(timeline, documents, rng.stream("sessions")),
          tokens(timeline, documents, bytes(rng)),
          certificates(documents),
          registrar(timeline, documents, tokens, certificates, signer, hosts, service),
          linux_handler("linux", events),
          network_handler("linux_network", events),
          linux_(service, "linux", linux_handler),
          network(service, "linux_network", network_handler),
          lustre("lustre", events),
          observer(events),
          front(service, certificates, registrar, signer, nullptr),
          rpc(timeline, service, rng.stream("calls")) {
        service.subscribe("linux", linux_);
        service.subscribe("linux_network", network);
        service.subscribe("lustre", lustre);
        service.observe(observer);
    }
    static ByteSource bytes(Rng rng) {
        return [secrets = rng.stream("secrets")](std::size_t count) mutable {
            std::string text;
            while (text.size() < count) text.push_back(static_cast<char>(secrets.next()));
            return text;
        };
    }

    Documents documents;
    AgentService service;
    Tokens tokens;
    CertificateTable certificates;
    Registrar registrar;
    RecordingHandler linux_handler, network_handler;
    SequencedConsumer linux_, network;
    RecordingConsumer lustre;
    RecordingObserver observer;
    AgentFront front;
    ActionRpc rpc;
};

}  // namespace csim
