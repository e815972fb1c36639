// What the parts of an LxdRuntime share.
#pragma once

#include "runtime/lxd/lxd_calls.hpp"
#include "runtime/pending.hpp"

#include <nlohmann/json.hpp>

namespace csim {

/// What the daemon's words mean to callers of a runtime.
NodeError lxd_error(NodePhase phase, const std::string& refused, unsigned status, const std::string& text);
/// Why not; nothing when it went well, be it a plain answer or the end of an operation.
std::optional<NodeError> lxd_refusal(
    NodePhase phase, const std::string& call, const Result<LxdAnswer>& answer
);

struct LxdRuntime::Impl {
    Impl(EventLoop& loop, Timeline& timeline, LxdOptions given)
        : options(std::move(given)), timeline(timeline), pending(timeline), calls(loop, options) {}

    std::string path(const std::string& name) const { return "/1.0/instances/" + url_encoded(name); }
    std::string state_path(const std::string& name) const { return path(name) + "/state"; }
    void changed(const std::string& name, NodeState state) {
        if (watcher) watcher({name, state});
    }

    using Begin = std::function<void(Ticket, LxdCalls::Chain)>;
    /// Runs `begin` once there is a connection; whatever cuts the operation short closes it.
    template <class T>
    Ticket begin(NodePhase phase, const std::string& name, Duration limit, Answer<T> answer, Begin begin);
    template <class T>
    void finish(Ticket ticket, NodeResult<T> result);

    struct Request {
        std::string method, target;
        Json body;
        std::string call;  ///< its name in errors
    };
    /// One operation of the daemon that ends in `state`.
    Ticket operate(
        NodePhase phase, const std::string& name, Duration limit, Answer<Done> answer, Request request,
        NodeState state
    );
    /// One plain request; an error of the kind `fine` means that it was done before.
    Ticket once(
        const std::string& name, Duration limit, Answer<Done> answer, Request request, NodeError::Kind fine
    );

    const LxdOptions options;
    Timeline& timeline;
    PendingOperations pending;
    LxdCalls calls;
    std::map<Ticket, LxdCalls::Chain> chains;
    std::map<std::string, Duration> boots;
    UniqueFunction<void(const Change&)> watcher;
};

template <class T>
Ticket LxdRuntime::Impl::begin(
    NodePhase phase, const std::string& name, Duration limit, Answer<T> answer, Begin begin
) {
    auto chain = std::make_shared<LxdCalls::Chain>(0);
    const Ticket ticket =
        pending.begin<T>(phase, name, limit, std::move(answer), [this, chain] { calls.close(*chain); });
    // Never within the call: nobody knows the ticket yet.
    timeline.after(Duration::zero(), [this, ticket, chain, begin = std::move(begin)] {
        if (!pending.is_open(ticket)) return;
        *chain = calls.open([this, ticket, chain, begin](LxdCalls::Chain opened) {
            *chain = opened;
            chains[ticket] = opened;
            begin(ticket, opened);
        });
    });
    return ticket;
}

template <class T>
void LxdRuntime::Impl::finish(Ticket ticket, NodeResult<T> result) {
    const auto chain = chains.extract(ticket);
    if (!chain.empty()) calls.close(chain.mapped());
    pending.finish<T>(ticket, std::move(result));
}

}  // namespace csim
