#include "tests/runtime/backends.hpp"

#include "runtime/namespaces/base.hpp"
#include "runtime/namespaces/namespaces_runtime.hpp"
#include "runtime/simulated/simulated_runtime.hpp"
#include "tests/support/temp_folder.hpp"

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

std::string always() {
    return "";
}

}  // namespace

std::vector<Backend> backends() {
    return {{"simulated", simulated, always}, {"namespaces", namespaces, why_no_namespaces}};
}

}  // namespace csim
