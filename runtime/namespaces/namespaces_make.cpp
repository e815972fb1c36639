// What makers' threads do: processes by the chunk, and their ports in one message. Results go to the loop's
// thread.
#include "runtime/namespaces/namespaces_impl.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>

namespace csim {

std::vector<std::string> NamespacesRuntime::Impl::arguments_of(const Order& order) const {
    const NodeSpec& spec = order.spec;
    std::vector<std::string> to{
        init_mark + ledger.run + ":" + spec.name,
        "name=" + spec.name,
        "lower=" + order.folders.lower,
        "upper=" + order.folders.upper,
        "work=" + order.folders.work,
        "root=" + order.folders.root,
        "report=" + std::to_string(reports[1]),
        "index=" + std::to_string(order.index)};
    if (!options.kept) to.push_back("die");
    if (!spec.address.empty()) {
        to.push_back("address=" + spec.address);
        to.push_back("prefix=" + std::to_string(spec.prefix));
        to.push_back(std::string("hub=") + hub_address);
        to.push_back("mac=" + hex_of(Hub::hub_mac()));
    }
    if (spec.job.count > 0) {
        to.push_back("pings=" + std::to_string(spec.job.count));
        to.push_back("target=" + spec.job.target);
        to.push_back("interval=" + std::to_string(spec.job.interval / std::chrono::milliseconds(1)));
        if (spec.job.power_off) to.push_back("power_off");
    }
    return to;
}

std::vector<NodeResult<NodeProcess>> NamespacesRuntime::Impl::make_processes(
    std::size_t thread, const std::vector<Order>& orders
) {
    std::vector<std::vector<std::string>> wanted;
    for (const Order& each : orders) wanted.push_back(arguments_of(each));
    std::unique_ptr<Maker>& maker = makers_of[thread];
    std::optional<NodeError> why;
    if (!maker) {
        auto opened = Maker::open(ledger.run, init_fd, reports[1], {options.folder, options.base});
        if (opened)
            maker = std::move(*opened);
        else
            why = opened.error();
    }
    if (!why) {
        auto made = maker->make(wanted);
        if (made) return std::move(*made);
        maker.reset();
        why = made.error();
    }
    std::vector<NodeResult<NodeProcess>> refused;
    for (std::size_t i = 0; i < orders.size(); ++i) refused.push_back(*why);
    return refused;
}

NodeResult<NetlinkSocket*> NamespacesRuntime::Impl::hub_socket(std::size_t thread, std::uint32_t last) {
    const std::lock_guard lock(hub_mutex);
    if (!hub) {
        auto opened = Hub::open(ledger.run, init_fd, !options.kept);
        if (!opened) return opened.error();
        hub = std::move(*opened);
    }
    if (!sockets[thread]) {
        auto made = hub->socket();
        if (!made) return made.error();
        sockets[thread] = std::move(*made);
    }
    if (const auto room = hub->make_room(*sockets[thread], last); !room) return room.error();
    return sockets[thread].get();
}

void NamespacesRuntime::Impl::make_nodes(std::size_t thread, const std::vector<Order>& orders) {
    std::map<std::uint32_t, NodeProcess> born;
    NetlinkBatch batch;
    const auto fail = [this](std::uint32_t index, NodeError error) {
        post([this, index, error = std::move(error)] { failed(index, error); });
    };
    std::uint32_t last = 0;
    auto processes = make_processes(thread, orders);
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const Order& order = orders[i];
        auto& process = processes[i];
        if (!process) {
            fail(order.index, process.error());
            continue;
        }
        if (!order.spec.address.empty()) {
            Hub::join(batch, order.index, parse_ipv4(order.spec.address), process->pid());
            last = std::max(last, order.index);
        }
        born.emplace(order.index, std::move(*process));
    }
    if (batch.messages() > 0) {
        const auto socket = hub_socket(thread, last);
        const auto failures =
            socket ? (*socket)->exchange(batch)
                   : Result<std::vector<NetlinkFailure>>(Error{Errc::io, sentence(socket.error())});
        if (!failures)
            for (const auto& [index, process] : born)
                fail(
                    index, {NodeError::Kind::internal, NodePhase::network, "netlink", failures.error().detail}
                );
        if (failures)
            for (const NetlinkFailure& each : *failures) {
                const std::string limit = limit_behind(each.error, "veth");
                const auto kind = limit.empty() ? NodeError::Kind::internal : NodeError::Kind::limit;
                fail(
                    each.tag, {kind, NodePhase::network, limit.empty() ? "RTM_NEWLINK" : limit,
                               std::strerror(each.error)}
                );
            }
        for (const auto& [index, process] : born) process.signal(SIGUSR1);
    }
    auto shared = std::make_shared<std::map<std::uint32_t, NodeProcess>>(std::move(born));
    post([this, shared] {
        for (auto& [index, process] : *shared) made(index, std::move(process));
    });
}

}  // namespace csim
