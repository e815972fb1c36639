// `cluster-sim-benchmark sink`: one process for each port, until Ctrl-C.
#include "apps/cluster_sim_benchmark/mass_options.hpp"
#include "connections/engine/driver.hpp"
#include "connections/tls/contexts.hpp"
#include "net/socket.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace csim {
namespace {

using namespace connections;

volatile std::sig_atomic_t ending = 0;

void on_signal(int) {
    ending = 1;
}

std::string contents(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw Fatal("cannot read " + name + ": " + std::strerror(errno), 2);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void listen_where(SinkOptions& sink, const std::string& text, std::size_t workers) {
    const std::size_t colon = text.rfind(':');
    unsigned port = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = colon == std::string::npos
                            ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                            : std::from_chars(text.data() + colon + 1, end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end || port + workers - 1 > 65535 ||
        (port == 0 && workers > 1))
        throw Fatal(
            "--listen '" + text + "' is not HOST:PORT with room for " + std::to_string(workers) + " ports", 2
        );
    sink.address = text.substr(0, colon);
    if (sink.address.starts_with("[") && sink.address.ends_with("]"))
        sink.address = sink.address.substr(1, sink.address.size() - 2);
    sink.port = static_cast<std::uint16_t>(port);
}

SinkOptions sink_options(const SinkCommandOptions& o) {
    SinkOptions made = o.sink;
    listen_where(made, o.listen, o.workers);
    if (o.certificate.empty() != o.key.empty()) throw Fatal("--cert and --key belong together, give both", 2);
    if (!o.fault.empty()) {
        const auto fault = parse_fault(o.fault);
        if (!fault) throw Fatal("--fault: " + fault.error().detail, 2);
        made.fault = *fault;
    }
    if (!o.certificate.empty()) {
        made.certificate_pem = contents(o.certificate);
        made.key_pem = contents(o.key);
    } else {
        PemTexts own = self_signed_server(made.fault.fault == Fault::expired_certificate ? -1 : 30);
        made.certificate_pem = std::move(own.certificate);
        made.key_pem = std::move(own.key);
    }
    if (o.client_auth != "none" && made.client_ca_file.empty())
        throw Fatal("--client_auth " + o.client_auth + " needs --client_ca FILE", 2);
    if (o.client_auth == "none") made.client_ca_file.clear();
    made.require_client = o.client_auth == "require";
    made.h2 = o.protocol != "h1";
    made.h1 = o.protocol != "h2";
    made.hibernate = o.hibernate != "never";
    made.idle_timeout = o.idle_timeout.count();
    return made;
}

void write_file(const std::string& name, const std::string& text) {
    if (name.empty()) return;
    std::ofstream file(name + ".new");
    file << text;
    file.close();
    if (!file || std::rename((name + ".new").c_str(), name.c_str()) != 0)
        throw Fatal("cannot write " + name + ": " + std::strerror(errno));
}

void serve(Sink& sink) {
    while (ending == 0) sink.step(second / 5);
    std::cout << "port " + std::to_string(sink.port()) + ": " + sink.counts().json() + "\n" << std::flush;
}

/// The worker processes; the first port is served by this process itself.
class Children {
  public:
    ~Children() {
        for (const pid_t each : pids_) kill(each, SIGTERM);
        for (const pid_t each : pids_) waitpid(each, nullptr, 0);
    }
    /// In the child this returns only when the sink has ended.
    void start(const SinkOptions& options) {
        int ready[2];
        if (pipe2(ready, O_CLOEXEC) != 0) throw Fatal("there is no descriptor left");
        const pid_t pid = fork();
        if (pid < 0) throw Fatal(std::string("cannot start a worker: ") + std::strerror(errno));
        if (pid == 0) _exit(run_child(options, ready[1]));
        pids_.push_back(pid);
        ::close(ready[1]);
        char answer = 0;
        const auto n = ::read(ready[0], &answer, 1);
        ::close(ready[0]);
        if (n != 1)
            throw Fatal("a worker cannot listen on " + options.address + ":" + std::to_string(options.port));
    }

  private:
    static int run_child(const SinkOptions& options, int ready) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        try {
            Sink sink(options, monotonic_now);
            if (::write(ready, "r", 1) != 1) return 1;
            serve(sink);
            return 0;
        } catch (const std::exception& problem) {
            std::cerr << "sink: " << problem.what() << "\n";
            return 1;
        }
    }
    std::vector<pid_t> pids_;
};

}  // namespace

int sink_command(const SinkCommandOptions& options) {
    SinkOptions sink = sink_options(options);
    struct sigaction action {};
    action.sa_handler = on_signal;
    for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
    Children children;
    SinkOptions other = sink;
    for (std::size_t k = 1; k < options.workers; ++k) {
        other.port = static_cast<std::uint16_t>(sink.port + k);
        children.start(other);
    }
    Sink first(sink, monotonic_now);
    write_file(options.ca_out, sink.certificate_pem);
    const std::string where = sink.address + ":" + std::to_string(first.port());
    const std::string range =
        options.workers > 1 ? "-" + std::to_string(first.port() + options.workers - 1) : "";
    std::cout << "serving https://" << where << range << "/\n" << std::flush;
    write_file(options.ready_file, "https://" + where + range + "/\n");
    serve(first);
    return 0;
}

}  // namespace csim
