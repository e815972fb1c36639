// Operations in flight: each ends once, by its result, by its time limit or by being cancelled.
#pragma once

#include "core/timeline.hpp"
#include "runtime/node_runtime.hpp"

#include <map>

namespace csim {

/// Outlives nothing that it calls: answers of operations that are dropped with it never run.
class PendingOperations {
  public:
    explicit PendingOperations(Timeline& timeline) : timeline_(timeline) {}
    ~PendingOperations();
    PendingOperations(const PendingOperations&) = delete;

    /// `undo` runs when the operation is cut short by its limit or by cancel(), before the answer.
    template <class T>
    Ticket begin(
        NodePhase phase, const std::string& name, Duration limit, NodeRuntime::Answer<T> answer,
        UniqueFunction<void()> undo = {}
    );
    /// False if it has ended already; then `result` is dropped.
    template <class T>
    bool finish(Ticket ticket, NodeResult<T> result);
    /// finish(), in an event of its own.
    template <class T>
    Ticket refuse(NodePhase phase, const std::string& name, NodeError error, NodeRuntime::Answer<T> answer);

    bool is_open(Ticket ticket) const { return open_.contains(ticket); }
    void cancel(Ticket ticket);
    std::size_t size() const { return open_.size(); }

  private:
    struct Operation {
        EventId limit;
        UniqueFunction<void()> undo;
        UniqueFunction<void(NodeError)> fail;
        void* answer = nullptr;  ///< a NodeRuntime::Answer<T>, owned by `fail`
        NodePhase phase = NodePhase::create;
        std::string name;
    };
    void cut_short(Ticket ticket, NodeError::Kind kind, const std::string& why);

    Timeline& timeline_;
    std::map<Ticket, Operation> open_;
    Ticket last_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <class T>
Ticket PendingOperations::begin(
    NodePhase phase, const std::string& name, Duration limit, NodeRuntime::Answer<T> answer,
    UniqueFunction<void()> undo
) {
    const Ticket ticket = ++last_;
    auto held = std::make_unique<NodeRuntime::Answer<T>>(std::move(answer));
    Operation operation;
    operation.answer = held.get();
    operation.phase = phase;
    operation.name = name;
    operation.undo = std::move(undo);
    operation.fail = [held = std::move(held)](NodeError error) { (*held)(NodeResult<T>(std::move(error))); };
    if (limit > Duration::zero()) {
        operation.limit = timeline_.after(limit, [this, ticket] {
            cut_short(ticket, NodeError::Kind::timeout, "took longer than its time limit");
        });
    }
    open_.emplace(ticket, std::move(operation));
    return ticket;
}

template <class T>
bool PendingOperations::finish(Ticket ticket, NodeResult<T> result) {
    const auto found = open_.find(ticket);
    if (found == open_.end()) return false;
    Operation operation = std::move(found->second);
    open_.erase(found);
    timeline_.cancel(operation.limit);
    (*static_cast<NodeRuntime::Answer<T>*>(operation.answer))(std::move(result));
    return true;
}

template <class T>
Ticket PendingOperations::refuse(
    NodePhase phase, const std::string& name, NodeError error, NodeRuntime::Answer<T> answer
) {
    const Ticket ticket = begin<T>(phase, name, Duration::zero(), std::move(answer));
    timeline_.after(
        Duration::zero(),
        [this, ticket, error = std::move(error), alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) finish<T>(ticket, error);
        }
    );
    return ticket;
}

}  // namespace csim
