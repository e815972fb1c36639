// A runtime under test: made, walked, and asked one thing at a time.
#pragma once

#include "core/event_loop.hpp"
#include "runtime/node_runtime.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace doctest {

/// What a check prints of an answer: the sentence of its error.
template <class T>
struct StringMaker<csim::NodeResult<T>> {
    static String convert(const csim::NodeResult<T>& result) {
        return result ? "a value" : csim::sentence(result.error()).c_str();
    }
};

}  // namespace doctest

namespace csim {

/// One backend on its own loop. Live ones are paced, simulated ones instant.
struct RuntimeBench {
    explicit RuntimeBench(
        Pace pace = Pace::instant(), SimTime start = SimTime::from_unix_ns(1428421302344413989)
    )
        : timeline(start), loop(timeline, pace) {}
    virtual ~RuntimeBench() = default;

    /// Runs the loop until the answer is there. Live backends get a generous limit of wall time.
    template <class T, class Ask>
    NodeResult<T> ask(Ask&& start) {
        std::optional<NodeResult<T>> got;
        start([this, &got](NodeResult<T> result) {
            got = std::move(result);
            loop.stop();
        });
        while (!got) loop.run();
        return *got;
    }
    NodeResult<Done> create(NodeSpec spec) {
        return ask<Done>([&](auto done) { runtime->create(spec, 60s, std::move(done)); });
    }
    NodeResult<Done> create(const std::string& name) {
        NodeSpec spec;
        spec.name = name;
        return create(spec);
    }
    NodeResult<Done> start(const std::string& name) {
        return ask<Done>([&](auto done) { runtime->start(name, 60s, std::move(done)); });
    }
    NodeResult<Done> stop(const std::string& name, Duration grace = Duration::zero()) {
        return ask<Done>([&](auto done) { runtime->stop(name, grace, 60s, std::move(done)); });
    }
    NodeResult<Done> destroy(const std::string& name) {
        return ask<Done>([&](auto done) { runtime->destroy(name, 60s, std::move(done)); });
    }
    NodeResult<ExecResult> exec(const std::string& name, ExecSpec spec, Duration limit = 60s) {
        return ask<ExecResult>([&](auto done) { runtime->exec(name, spec, limit, std::move(done)); });
    }
    NodeResult<NodeFile> read(const std::string& name, const std::string& path) {
        return ask<NodeFile>([&](auto done) { runtime->read_file(name, path, 60s, std::move(done)); });
    }
    NodeResult<Done> write(const std::string& name, const std::string& path, NodeFile file) {
        return ask<Done>([&](auto done) { runtime->write_file(name, path, file, 60s, std::move(done)); });
    }
    NodeResult<NodeStats> stats(const std::string& name) {
        return ask<NodeStats>([&](auto done) { runtime->stats(name, 60s, std::move(done)); });
    }
    NodeResult<std::vector<NodeInfo>> list() {
        return ask<std::vector<NodeInfo>>([&](auto done) { runtime->list(60s, std::move(done)); });
    }

    Timeline timeline;
    EventLoop loop;
    std::unique_ptr<NodeRuntime> runtime;
};

}  // namespace csim
