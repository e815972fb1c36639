#include "runtime/pending.hpp"

namespace csim {

PendingOperations::~PendingOperations() {
    for (auto& [ticket, operation] : open_) timeline_.cancel(operation.limit);
}

void PendingOperations::cancel(Ticket ticket) {
    if (!is_open(ticket)) return;
    timeline_.after(Duration::zero(), [this, ticket, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) cut_short(ticket, NodeError::Kind::cancelled, "was cancelled");
    });
}

void PendingOperations::cut_short(Ticket ticket, NodeError::Kind kind, const std::string& why) {
    const auto found = open_.find(ticket);
    if (found == open_.end()) return;
    Operation operation = std::move(found->second);
    open_.erase(found);
    timeline_.cancel(operation.limit);
    if (operation.undo) operation.undo();
    const std::string what(text_of(operation.phase));
    const std::string who = operation.name.empty() ? "" : " of " + operation.name;
    operation.fail({kind, operation.phase, what, what + who + " " + why});
}

}  // namespace csim
