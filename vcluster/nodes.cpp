#include "vcluster/nodes.hpp"

#include <algorithm>
#include <optional>

namespace csim {

void Nodes::ready() {
    if (before_) before_();
}

void Nodes::together(
    std::size_t count, const std::function<void(std::size_t, std::function<void()> done)>& begin
) {
    if (count == 0) return;
    ready();
    std::size_t begun = 0, ended = 0, wave = std::min(count, together_);
    const std::function<void()> done = [&] {
        if (++ended == begun) loop_.stop();
    };
    // Waves, not a sliding window: what is begun at one moment is begun together, also when it is repeated.
    while (begun < count) {
        const std::size_t first = begun;
        begun = std::min(count, begun + wave);
        for (std::size_t i = first; i < begun; ++i) begin(i, done);
        while (ended < begun) loop_.run();
        if (begun < count) ready();
    }
}

NodeResult<ExecResult> Nodes::exec(const std::string& node, ExecSpec spec, Duration limit) {
    return std::move(exec_all({{node, std::move(spec)}}, limit).front());
}

NodeResult<NodeFile> Nodes::read(const std::string& node, const std::string& path) {
    return std::move(read_all({{node, path}}).front());
}

NodeResult<Done> Nodes::write(const std::string& node, const std::string& path, NodeFile file) {
    return write_all({{node, path, std::move(file)}}).front();
}

std::vector<NodeResult<ExecResult>> Nodes::exec_all(std::vector<Order> orders, Duration limit) {
    std::vector<NodeResult<ExecResult>> results(orders.size(), NodeResult<ExecResult>(NodeError{}));
    together(orders.size(), [&](std::size_t i, std::function<void()> done) {
        runtime_.exec(
            orders[i].node, std::move(orders[i].spec), limit,
            [&results, i, done](NodeResult<ExecResult> result) {
                results[i] = std::move(result);
                done();
            }
        );
    });
    return results;
}

std::vector<NodeResult<Done>> Nodes::write_all(std::vector<Writing> writings) {
    std::vector<NodeResult<Done>> results(writings.size(), NodeResult<Done>(NodeError{}));
    together(writings.size(), [&](std::size_t i, std::function<void()> done) {
        Writing& each = writings[i];
        runtime_.write_file(
            each.node, each.path, std::move(each.file), 60s,
            [&results, i, done](NodeResult<Done> result) {
                results[i] = std::move(result);
                done();
            }
        );
    });
    return results;
}

std::vector<NodeResult<NodeFile>> Nodes::read_all(
    const std::vector<std::pair<std::string, std::string>>& files
) {
    std::vector<NodeResult<NodeFile>> results(files.size(), NodeResult<NodeFile>(NodeError{}));
    together(files.size(), [&](std::size_t i, std::function<void()> done) {
        runtime_.read_file(
            files[i].first, files[i].second, 60s,
            [&results, i, done](NodeResult<NodeFile> result) {
                results[i] = std::move(result);
                done();
            }
        );
    });
    return results;
}

Nodes::Results Nodes::create_all(std::vector<NodeSpec> specs, Duration limit) {
    Results results(specs.size());
    together(specs.size(), [&](std::size_t i, std::function<void()> done) {
        results[i].first = specs[i].name;
        runtime_.create(std::move(specs[i]), limit, [&results, i, done](NodeResult<Done> result) {
            results[i].second = std::move(result);
            done();
        });
    });
    return results;
}

Nodes::Results Nodes::start_all(std::vector<std::string> names, Duration limit) {
    Results results;
    if (names.empty()) return results;
    ready();
    const std::size_t all = names.size();
    runtime_.start_all(std::move(names), limit, [&](const std::string& name, NodeResult<Done> result) {
        results.emplace_back(name, std::move(result));
        if (results.size() == all) loop_.stop();
    });
    while (results.size() < all) loop_.run();
    return results;
}

NodeResult<Done> Nodes::stop(const std::string& node, Duration grace, Duration limit) {
    NodeResult<Done> stopped = NodeError{};
    together(1, [&](std::size_t, std::function<void()> done) {
        runtime_.stop(node, grace, limit, [&stopped, done](NodeResult<Done> result) {
            stopped = std::move(result);
            done();
        });
    });
    return stopped;
}

Nodes::Results Nodes::remove_all(std::vector<std::string> names, Duration grace, Duration limit) {
    Results results(names.size());
    together(names.size(), [&](std::size_t i, std::function<void()> done) {
        runtime_.stop(names[i], grace, limit, [&results, i, done, name = names[i]](NodeResult<Done> result) {
            results[i] = {name, std::move(result)};
            done();
        });
    });
    together(names.size(), [&](std::size_t i, std::function<void()> done) {
        runtime_.destroy(names[i], limit, [&results, i, done](NodeResult<Done> result) {
            const bool was_there =
                results[i].second || results[i].second.error().kind != NodeError::Kind::not_found;
            if (was_there || !result)
                results[i].second = std::move(result);
            else
                results[i].second = Done{};
            done();
        });
    });
    return results;
}

void Nodes::pass(Duration span) {
    bool over = false;
    timeline_.after(span, [this, &over] {
        over = true;
        loop_.stop();
    });
    while (!over) loop_.run();
}

namespace {

/// The next distance, so that two questions and what is between them fit into 44 ms.
Duration next_step(Duration step, Duration question) {
    return std::clamp<Duration>(44ms - 2 * question, 2ms, std::min<Duration>(2 * step, 32ms));
}

}  // namespace

bool Nodes::until(Duration limit, const std::function<bool()>& met) {
    const SimTime end = timeline_.now() + limit;
    Duration step = 1ms;
    std::optional<SimTime> denied;
    for (;;) {
        const SimTime asked = moment();
        const bool yes = met();
        const SimTime told = moment();
        if (yes && denied) {
            ++waits_.count;
            waits_.late_max = std::max<Duration>(waits_.late_max, told - *denied);
        }
        if (yes) return true;
        denied = asked;
        if (timeline_.now() >= end) return false;
        step = next_step(step, told - asked);
        pass(std::min(step, std::max<Duration>(end - timeline_.now(), Duration(1))));
    }
}

}  // namespace csim
