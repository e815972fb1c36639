#include "sim/growth.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace csim {

Growth::Growth(Timeline& timeline, World& world, GrowthLimits limits)
    : world_(world), limits_(limits), work_(timeline) {}

void Growth::add_server(int nid_count, UniqueFunction<void(Result<std::string>)> done) {
    work_.add([this, nid_count, done = std::move(done)]() mutable {
        const auto added = world_.add_server(nid_count);
        added ? done((*added)->fqdn()) : done(added.error());
        return false;
    });
}

void Growth::add_unit(
    int server_count, int volume_count, int nid_count, UniqueFunction<void(Result<ScalableUnit>)> done
) {
    auto slice = [this, server_count, volume_count, nid_count, done = std::move(done),
                  unit = std::optional<UnitInProgress>()]() mutable {
        if (!unit) {
            auto begun = world_.begin_unit(server_count, volume_count, nid_count);
            if (!begun) return done(begun.error()), false;
            unit = std::move(*begun);
        }
        if (world_.continue_unit(*unit, limits_.servers_per_slice, limits_.volumes_per_slice)) return true;
        return done(std::move(unit->unit)), false;
    };
    work_.add(std::move(slice));
}

void Growth::for_each_node(
    std::function<void(FakeServer&)> change, UniqueFunction<void(Result<Nothing>)> done
) {
    auto slice = [this, change = std::move(change), done = std::move(done), next = std::size_t{0},
                  fqdns = std::optional<std::vector<std::string>>()]() mutable {
        if (!fqdns) {
            fqdns.emplace();
            for (const FakeServer* node : world_.nodes()) fqdns->push_back(node->fqdn());
        }
        const std::size_t end =
            std::min(fqdns->size(), next + static_cast<std::size_t>(limits_.servers_per_slice));
        for (; next < end; ++next) {
            // Others may have removed it since the first slice.
            if (FakeServer* const node = world_.find((*fqdns)[next])) change(*node);
        }
        if (next < fqdns->size()) return true;
        return done(Nothing{}), false;
    };
    work_.add(std::move(slice));
}

}  // namespace csim
