// Which node of a volume is primary and which takes over: spread evenly, within one HA cluster.
// Source: the manager API, §4.2, the balance algorithm.
#include "manager/agent_data/agent_data.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace csim {

namespace {

struct Load {
    std::int64_t primary = 0;
    std::int64_t used = 0;
};

class Balancer {
  public:
    Balancer(Model& model, const std::set<std::int64_t>& volumes) : model_(model) {
        for (std::int64_t volume : volumes) {
            for (std::int64_t node : model.nodes_of_volume(volume))
                loads_[model.volume_nodes.at(node).host_id] = {};
        }
        for (auto& [host, load] : loads_) {
            for (std::int64_t id : model.nodes_of_host(host)) {
                const VolumeNodeRow& node = model.volume_nodes.at(id);
                if (volumes.contains(node.volume_id)) continue;
                if (node.primary && model.nodes_of_volume(node.volume_id).size() > 1) ++load.primary;
                if (node.use) ++load.used;
            }
        }
    }

    void place(std::int64_t volume) {
        const auto& nodes = model_.nodes_of_volume(volume);
        if (nodes.empty()) return;
        const std::int64_t primary = *std::min_element(nodes.begin(), nodes.end(), [&](auto a, auto b) {
            return std::tuple(load(a).primary, fqdn(a)) < std::tuple(load(b).primary, fqdn(b));
        });
        ++load(primary).primary;
        ++load(primary).used;
        const std::int64_t secondary = choose_secondary(nodes, primary);
        if (secondary != 0) ++load(secondary).used;
        for (std::int64_t node : nodes) set(node, node == primary, node == primary || node == secondary);
    }

  private:
    Load& load(std::int64_t node) { return loads_[model_.volume_nodes.at(node).host_id]; }
    const std::string& fqdn(std::int64_t node) const {
        return model_.hosts.at(model_.volume_nodes.at(node).host_id).fqdn;
    }

    std::int64_t choose_secondary(const std::set<std::int64_t>& nodes, std::int64_t primary) {
        const HostRow& host = model_.hosts.at(model_.volume_nodes.at(primary).host_id);
        std::int64_t best = 0;
        for (std::int64_t node : nodes) {
            const std::int64_t other = model_.volume_nodes.at(node).host_id;
            if (!std::binary_search(host.peers.begin(), host.peers.end(), other)) continue;
            if (best == 0 ||
                std::tuple(load(node).used, fqdn(node)) < std::tuple(load(best).used, fqdn(best)))
                best = node;
        }
        return best;
    }

    void set(std::int64_t id, bool primary, bool use) {
        const VolumeNodeRow& node = model_.volume_nodes.at(id);
        if (node.primary == primary && node.use == use) return;
        model_.volume_nodes.edit(id, [&](VolumeNodeRow& row) {
            row.primary = primary;
            row.use = use;
        });
    }

    Model& model_;
    std::map<std::int64_t, Load> loads_;
};

}  // namespace

void AgentData::balance(std::vector<std::int64_t> volumes) {
    // A target keeps the servers that it was made with.
    std::erase_if(volumes, [&](std::int64_t volume) { return model_.target_index.of_volume(volume) != 0; });
    if (volumes.empty()) return;
    const std::set<std::int64_t> chosen(volumes.begin(), volumes.end());
    std::vector<std::int64_t> ordered(chosen.begin(), chosen.end());
    std::stable_sort(ordered.begin(), ordered.end(), [&](auto a, auto b) {
        return model_.volumes.at(a).label < model_.volumes.at(b).label;
    });
    Balancer balancer(model_, chosen);
    for (std::int64_t volume : ordered) balancer.place(volume);
}

void AgentData::balance_volumes_of(std::int64_t host) {
    std::vector<std::int64_t> volumes;
    for (std::int64_t node : model_.nodes_of_host(host))
        volumes.push_back(model_.volume_nodes.at(node).volume_id);
    balance(std::move(volumes));
}

}  // namespace csim
