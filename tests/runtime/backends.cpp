#include "tests/runtime/backends.hpp"

#include "net/self_signed.hpp"
#include "runtime/lxd/lxd_runtime.hpp"
#include "runtime/lxd_host/lxd_host.hpp"
#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <fstream>

namespace csim {
namespace {

std::unique_ptr<RuntimeBench> simulated() {
    auto bench = std::make_unique<RuntimeBench>();
    bench->runtime = std::make_unique<SimulatedRuntime>(bench->timeline, *host_model("lxd-5"), 1);
    return bench;
}

struct NamespacesBench : RuntimeBench {
    NamespacesBench() : RuntimeBench(Pace::realtime(), wall_now()) {
        static const TempFolder kept;
        const std::string base = (kept / "base").string();
        if (!is_base(base)) static_cast<void>(build_base(base, "auto").value());
        NamespacesOptions options;
        options.folder = (folder / "stage").string();
        options.base = base;
        options.size = "64M";
        options.ledgers = LedgerFolder((folder / "runs").string());
        runtime = std::make_unique<NamespacesRuntime>(loop, timeline, options);
    }
    ~NamespacesBench() { runtime.reset(); }
    TempFolder folder;
};

std::unique_ptr<RuntimeBench> namespaces() {
    return std::make_unique<NamespacesBench>();
}

/// Our own host beside the runtime, on the same loop.
struct LxdBench : RuntimeBench {
    explicit LxdBench(bool over_tls) : RuntimeBench(Pace::realtime(), wall_now()) {
        LxdHostOptions hosting;
        hosting.model = *host_model("namespaces");
        hosting.socket = (folder / "unix.socket").string();
        hosting.trust_password = "sekret";
        if (over_tls) hosting.listen = "127.0.0.1:0";
        host = std::make_unique<LxdHost>(loop, timeline, hosting);
        LxdOptions options;
        if (over_tls) {
            options.host = "127.0.0.1";
            options.port = host->port();
            options.server_certificate = (folder / "server.crt").string();
            std::ofstream(options.server_certificate) << host->certificate_pem();
            const SelfSigned client = make_self_signed("client");
            options.client_key_pem = client.key_pem;
            options.client_certificate_pem = client.certificate_pem;
            host->trust("client", client.certificate_pem);
        } else {
            options.socket = hosting.socket;
        }
        runtime = std::make_unique<LxdRuntime>(loop, timeline, options);
    }
    ~LxdBench() {
        runtime.reset();
        host.reset();
    }
    TempFolder folder;
    std::unique_ptr<LxdHost> host;
};

std::unique_ptr<RuntimeBench> lxd_by_socket() {
    return std::make_unique<LxdBench>(false);
}

std::unique_ptr<RuntimeBench> lxd_by_tls() {
    return std::make_unique<LxdBench>(true);
}

struct RealLxdBench : RuntimeBench {
    RealLxdBench() : RuntimeBench(Pace::realtime(), wall_now()) {
        LxdOptions options;
        options.socket = find_lxd_socket();
        options.mark = "cluster-sim-conformance";
        if (const char* image = std::getenv("CSIM_LXD_IMAGE")) options.image = image;
        runtime = std::make_unique<LxdRuntime>(loop, timeline, options);
    }
};

std::unique_ptr<RuntimeBench> real_lxd() {
    return std::make_unique<RealLxdBench>();
}

std::string why_no_real_lxd() {
    if (std::getenv("CSIM_LXD_IMAGE") == nullptr) return "CSIM_LXD_IMAGE names no image of a real LXD to use";
    return why_no_lxd(find_lxd_socket());
}

std::string always() {
    return "";
}

}  // namespace

std::vector<Backend> backends() {
    return {
        {"simulated", simulated, always},
        {"lxd by socket", lxd_by_socket, always},
        {"lxd by TLS", lxd_by_tls, always},
        {"real lxd", real_lxd, why_no_real_lxd},
        {"namespaces", namespaces, why_no_namespaces}};
}

}  // namespace csim
