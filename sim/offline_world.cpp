#include "sim/offline_world.hpp"

#include "core/event_loop.hpp"
#include "core/trace.hpp"
#include "core/utc.hpp"
#include "sim/cluster_simulator.hpp"
#include "state/state_store.hpp"

namespace csim {
namespace {

void erase_everything(StateStore& store) {
    for (const std::string& document : store.documents("")) store.erase({document, ""});
}

/// A world over a store, with nobody listening to it.
struct QuietWorld {
    explicit QuietWorld(StateStore& store, Timeline& when, std::uint64_t seed)
        : timeline(when), trace(timeline), documents(store), credentials(documents) {
        surroundings.is_registered = [this](const FakeServer& node) {
            return credentials.registered(node.fqdn());
        };
        const FakesContext context{documents, timeline, Rng(seed), trace};
        world = std::make_unique<World>(context, surroundings);
    }

    Timeline& timeline;
    Trace trace;
    Documents documents;
    CredentialStore credentials;
    ServerSurroundings surroundings;
    std::unique_ptr<World> world;
};

}  // namespace

bool create_cluster(
    const std::filesystem::path& folder, const Setup& setup, std::uint64_t seed, Existing existing
) {
    if (const auto possible = check(setup); !possible) throw Fatal(possible.error().detail, 2);
    Timeline timeline(wall_now());
    EventLoop loop(timeline, Pace::instant());
    const auto store = open_directory(folder, loop, {});
    const bool occupied = store->load({"simulator.json", ""}).has_value();
    if (!occupied && !store->documents("").empty()) {
        throw Fatal(folder.string() + " holds the state of another program; choose an empty or a new folder");
    }
    if (occupied && existing == Existing::refuse) {
        throw Fatal(
            folder.string() +
            " holds a simulated cluster already; use --grow to add to it or --force to replace it"
        );
    }
    const bool grows = occupied && existing == Existing::grow;
    if (occupied && existing == Existing::replace) erase_everything(*store);
    QuietWorld quiet(*store, timeline, grows ? saved_seed(*store) : seed);
    if (!grows) quiet.world->set_seed(seed);
    if (const auto made = quiet.world->create(setup); !made) {
        throw Fatal(
            grows ? folder.string() + " holds a simulated cluster: " + made.error().detail +
                        "; use --force to replace it"
                  : made.error().detail
        );
    }
    quiet.documents.save_all();
    store->flush();
    return grows;
}

ClusterStatus read_status(const std::filesystem::path& folder) {
    Timeline timeline(wall_now());
    const auto store = read_directory(folder);
    if (!store->load({"simulator.json", ""})) {
        throw Fatal(
            folder.string() + " holds no simulated cluster; create one with 'cluster-sim setup' first"
        );
    }
    QuietWorld quiet(*store, timeline, saved_seed(*store));
    ClusterStatus status{
        .time = utc_text(timeline.now()),
        .manager_url = quiet.world->state().manager_url,
        .running = false,
        .servers = {}};
    for (const FakeServer* node : quiet.world->nodes()) {
        status.servers.push_back(resting_status(*node, quiet.credentials.registered(node->fqdn())));
    }
    return status;
}

}  // namespace csim
