// Queues of turns.
#include "manager/jobs/turns.hpp"

namespace csim {

void Turns::take(const std::string& key, std::function<void(Turn)> run) {
    auto& queue = (*queues_)[key];
    queue.push_back(std::move(run));
    if (queue.size() == 1) start(queues_, key);
}

void Turns::start(const std::shared_ptr<Queues>& queues, const std::string& key) {
    auto next = [weak = std::weak_ptr<Queues>(queues), key](void*) {
        auto all = weak.lock();
        if (!all) return;
        auto at = all->find(key);
        if (at == all->end()) return;
        at->second.pop_front();
        if (at->second.empty()) {
            all->erase(at);
        } else {
            start(all, key);
        }
    };
    static char token;
    Turn turn(static_cast<void*>(&token), next);
    auto run = std::move((*queues)[key].front());
    run(std::move(turn));
}

}  // namespace csim
