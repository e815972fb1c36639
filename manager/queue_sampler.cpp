#include "manager/queue_sampler.hpp"

#include <algorithm>

namespace csim {

void QueueSampler::add(std::string name, std::function<QueueReading()> read) {
    queues_.push_back({std::move(read), QueueMeter(std::move(name)), 0, 0});
}

void QueueSampler::start() {
    for (Sampled& queue : queues_) {
        const QueueReading reading = queue.read();
        queue.published = reading.published;
        queue.acknowledged = reading.published - std::min<std::uint64_t>(reading.published, reading.waiting);
    }
    tick();
}

void QueueSampler::tick() {
    timer_ = timeline_.after(std::chrono::seconds(1), [this] {
        sample();
        tick();
    });
}

void QueueSampler::sample() {
    const SimTime now = timeline_.now();
    for (Sampled& queue : queues_) {
        const QueueReading reading = queue.read();
        // What was thrown away with its host counts neither way.
        const std::uint64_t published = std::max(queue.published, reading.published);
        const std::uint64_t done = published - std::min<std::uint64_t>(published, reading.waiting);
        const std::uint64_t acknowledged = std::max(queue.acknowledged, done);
        queue.meter.published(now, published - queue.published);
        queue.meter.acknowledged(now, acknowledged - queue.acknowledged);
        queue.published = published;
        queue.acknowledged = acknowledged;
    }
}

std::vector<QueueFigures> QueueSampler::figures() const {
    std::vector<QueueFigures> list;
    for (const Sampled& queue : queues_)
        list.push_back(queue.meter.figures(timeline_.now(), queue.read().waiting));
    return list;
}

}  // namespace csim
