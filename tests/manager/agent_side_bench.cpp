// What one host costs the manager's agent-facing side: bytes of memory, and microseconds of a poll and a
// post. Usage: bench_manager_agents [hosts]
#include "core/json.hpp"
#include "core/rng.hpp"
#include "core/utc.hpp"
#include "manager/agent_front.hpp"
#include "manager/authority_keys.hpp"
#include "manager/certificate_table.hpp"
#include "manager/openssl_handles.hpp"
#include "manager/plain_signer.hpp"
#include "manager/registrar.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <map>

namespace csim {
namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::size_t allocated() {
    return mallinfo2().uordblks;
}

struct NoHosts final : HostRegistry {
    bool host_in_use(std::string_view) const override { return false; }
    Result<RegisteredHost> create_host(const HostDraft&) override { return RegisteredHost{++last, last}; }
    Result<Nothing> rename_host(std::string_view, const std::string&, const std::string&) override {
        return Nothing{};
    }
    std::optional<std::string> profile_json(std::string_view) const override { return "{}"; }
    std::int64_t last = 0;
};

struct Sink final : Consumer {
    Result<Nothing> data(const Message&) override { return Nothing{}; }
};

constexpr const char* plugins[] = {"action_runner", "linux",           "linux_network",       "lustre",
                                   "corosync",      "systemd_journal", "simulator_controller"};

struct Bench {
    explicit Bench(int count) : hosts(count) {}

    void figure(const char* name, double value, const char* unit) {
        std::printf("%-44s %10.2f %s\n", name, value, unit);
    }

    template <class Work>
    void timed(const char* name, int times, Work work) {
        const double start = cpu_seconds();
        for (int i = 0; i < times; ++i) work(i);
        figure(name, (cpu_seconds() - start) / times * 1e6, "us");
    }

    static std::string name_of(int i) { return "test" + std::to_string(i) + ".localdomain"; }

    void run();
    void exchange(AgentService& service);
    AgentPost post_of(int i, MessageType type) const;

    int hosts;
    Timeline timeline{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    std::string start_time = utc_text_z(timeline.now());
    std::map<int, std::map<std::string, std::string>> sessions;
};

AgentPost Bench::post_of(int i, MessageType type) const {
    AgentPost post{start_time, start_time, {}};
    for (const char* plugin : plugins) {
        Message message;
        message.fqdn = name_of(i);
        message.type = type;
        message.plugin = plugin;
        if (type == MessageType::data) {
            message.session_id = sessions.at(i).at(plugin);
            message.session_seq = 0;
        }
        post.messages.push_back(std::move(message));
    }
    return post;
}

void Bench::run() {
    AgentService service(timeline, documents, Rng(1));
    Tokens tokens(timeline, documents, random_bytes());
    CertificateTable certificates(documents);
    PlainSigner signer(Rng(2));
    NoHosts registry;
    Registrar registrar(timeline, documents, tokens, certificates, signer, registry, service);
    const std::string secret = tokens.create({"p", hosts, timeline.now() + std::chrono::hours(1)}).secret;
    const std::size_t before = allocated();
    timed("register (without signature or disk)", hosts, [&](int i) {
        const std::string name = name_of(i);
        const Json body = {
            {"fqdn", name},
            {"nodename", name},
            {"address", name},
            {"version", ""},
            {"csr", plain_request(name, "k")}};
        registrar.register_agent(secret, body.dump(), [](HttpReply reply) {
            if (reply.status != 201) std::abort();
        });
    });
    documents.save_all();
    figure("memory of a registered host, store included", double(allocated() - before) / hosts, "bytes");
    exchange(service);
}

void Bench::exchange(AgentService& service) {
    Sink sink;
    for (const char* plugin : plugins) service.subscribe(plugin, sink);
    const std::size_t before = allocated();
    timed("post of 7 session requests", hosts, [&](int i) {
        if (service.post(name_of(i), post_of(i, MessageType::session_create_request)).has_error())
            std::abort();
    });
    const auto poll = [&](int i, AgentService::PollDone done) {
        service.get(name_of(i), {start_time, start_time}, std::move(done));
    };
    timed("poll that is answered at once", hosts, [&](int i) {
        poll(i, [](AgentAnswer<std::vector<Message>> answer) {
            if (answer->size() != 8) std::abort();
        });
    });
    timed("poll that is parked", hosts, [&](int i) { poll(i, [](AgentAnswer<std::vector<Message>>) {}); });
    figure("memory of 7 sessions and a parked poll", double(allocated() - before) / hosts, "bytes");
    for (int i = 0; i < hosts; ++i) {
        for (const char* plugin : plugins) sessions[i][plugin] = *service.session(name_of(i), plugin);
    }
    std::vector<AgentPost> posts;
    for (int i = 0; i < hosts; ++i) posts.push_back(post_of(i, MessageType::data));
    timed("post of 7 typed reports", hosts, [&](int i) {
        service.post(posts[static_cast<std::size_t>(i)].messages[0].fqdn, posts[static_cast<std::size_t>(i)]);
    });
    timed("command to a parked poll, with its answer", hosts, [&](int i) {
        service.send(name_of(i), "action_runner", Body());
        timeline.run_until(timeline.now());
    });
    for (int i = 0; i < hosts; ++i) poll(i, [](AgentAnswer<std::vector<Message>>) {});
    const double start = cpu_seconds();
    timeline.run_until(timeline.now() + std::chrono::seconds(30));
    figure("30 s of silence, all polls run out", (cpu_seconds() - start) / hosts * 1e6, "us per host");
}

/// A request of a P-256 key, as fast agents make them.
std::string request_text() {
    const KeyHandle key(EVP_EC_gen("P-256"));
    const RequestHandle request(X509_REQ_new());
    const auto* name = reinterpret_cast<const unsigned char*>("oss1");
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_ASC, name, 4, -1, 0);
    X509_REQ_set_pubkey(request.get(), key.get());
    X509_REQ_sign(request.get(), key.get(), EVP_sha256());
    const BioHandle bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(bio.get(), request.get());
    return bio_text(bio.get());
}

void sign(Bench& bench) {
    const AuthorityKeys keys(make_authority());
    const std::string csr = request_text();
    bench.timed("parse a certificate request", 1'000, [&](int) {
        if (!parse_certificate_request(csr)) std::abort();
    });
    const auto request = parse_certificate_request(csr);
    bench.timed("verify and sign it", 1'000, [&](int) {
        if (!keys.sign(*request)) std::abort();
    });
}

}  // namespace
}  // namespace csim

int main(int count, char** arguments) {
    csim::Bench bench(count > 1 ? std::atoi(arguments[1]) : 10'000);
    bench.run();
    csim::sign(bench);
}
