// What concerns all instances at once: their use of the host, many made at once, power failures.
#include "runtime/lxd_host/lxd_instances.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace csim {
namespace {

/// An untouched clone: its folders.
constexpr std::uint64_t delta_bytes = 28u << 10;

}  // namespace

std::size_t LxdInstances::running() const {
    std::size_t count = 0;
    for (const auto& [name, instance] : instances_) count += instance.up() ? 1 : 0;
    return count;
}

std::uint64_t LxdInstances::disk_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, instance] : instances_)
        bytes += delta_bytes + (instance.files ? instance.files->delta_bytes() : 0);
    return bytes;
}

// The first hundred are enough to say that a thing is in use.
std::vector<std::string> LxdInstances::users(const std::string& kind, const std::string& name) const {
    std::vector<std::string> all;
    const std::string key = kind == "networks" ? "network" : "pool";
    for (const auto& [instance_name, instance] : instances_) {
        bool uses =
            kind == "profiles" &&
            std::find(instance.profiles.begin(), instance.profiles.end(), name) != instance.profiles.end();
        if (kind != "profiles") {
            for (const auto& [device, fields] : shape_of(instance).devices) {
                const auto field = fields.find(key);
                uses = uses || (field != fields.end() && field->second == name);
            }
        }
        if (uses) all.push_back(instance_name);
        if (all.size() == 100) break;
    }
    return all;
}

void LxdInstances::give_back(LxdInstance& instance, NodePhase phase) {
    context_.host.give_back(phase, has_network(instance), phase == NodePhase::start ? instance.silenced : "");
}

Result<Nothing> LxdInstances::populate(
    const std::string& prefix, std::uint64_t count, bool running, const LxdImage& image
) {
    const auto config = image_config_of(image);
    for (std::uint64_t i = 1; i <= count; ++i)
        if (const std::string name = prefix + std::to_string(i); instances_.contains(name))
            return Error{Errc::conflict, "there is an instance " + name + " already"};
    for (std::uint64_t i = 1; i <= count; ++i) {
        std::string refused = context_.host.take(NodePhase::create, true).refused;
        if (refused.empty() && running) {
            refused = context_.host.take(NodePhase::start, true).refused;
            if (!refused.empty()) context_.host.give_back(NodePhase::create, true);
        }
        if (!refused.empty()) {
            unpopulate(prefix, i - 1);
            return Error{
                Errc::exhausted, "only " + std::to_string(i - 1) + " of " + std::to_string(count) +
                                     " instances fit, there is not enough " + refused + " for more"};
        }
        LxdInstance& made = insert(prefix + std::to_string(i));
        made.image_config = config;
        made.base = image.base;
        if (!running) continue;
        made.state = LxdInstance::State::running;
        made.used = made.started = context_.now();
        made.pid = ++last_pid_;
    }
    return Nothing{};
}

void LxdInstances::unpopulate(const std::string& prefix, std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) {
        const auto at = instances_.find(prefix + std::to_string(i));
        if (at->second.up()) context_.host.give_back(NodePhase::start, true);
        context_.host.give_back(NodePhase::create, true);
        instances_.erase(at);
    }
}

bool LxdInstances::kill_one(Rng& chance) {
    std::vector<std::string> names;
    for (const auto& [name, instance] : instances_)
        if (instance.up() && instance.busy.empty()) names.push_back(name);
    if (names.empty()) return false;
    const std::string name =
        names[static_cast<std::size_t>(chance.between(0, std::int64_t(names.size()) - 1))];
    stopped(name);
    context_.events.lifecycle("instance-stopped", "/1.0/instances/" + name, nullptr, nullptr);
    return true;
}

void LxdInstances::reboot() {
    ++era_;
    context_.host.reboot();
    std::vector<std::string> half_made, up;
    for (const auto& [name, instance] : instances_) {
        if (instance.busy == "create") half_made.push_back(name);
        if (instance.up() || instance.busy == "start") up.push_back(name);
    }
    going_.clear();
    for (auto& [name, instance] : instances_)
        instance.busy.clear(), instance.stuck = false, instance.work = 0;
    for (const std::string& name : up) stopped(name);
    for (const std::string& name : half_made) {
        give_back(instances_.at(name), NodePhase::create);
        instances_.erase(name);
    }
}

}  // namespace csim
