#include "net/client_gate.hpp"

#include <cassert>

namespace csim {
namespace {

HttpsClient::LaneId id_of(std::uint32_t slot, std::uint32_t generation) {
    return (static_cast<HttpsClient::LaneId>(generation) << 32) | slot;
}

std::uint32_t generation_of(HttpsClient::LaneId lane) {
    return static_cast<std::uint32_t>(lane >> 32);
}

}  // namespace

HttpsClient::LaneId ClientGate::open() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].in_use = true;
    ++slots_[slot].generation;  // never 0, so that no lane has the id 0
    return id_of(slot, slots_[slot].generation);
}

void ClientGate::close(HttpsClient::LaneId lane) {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_.at(slot_of(lane));
    assert(slot.in_use && slot.generation == generation_of(lane));
    slot.in_use = false;
    ++slot.epoch;
    free_.push_back(slot_of(lane));
}

void ClientGate::abandon(HttpsClient::LaneId lane) {
    const std::lock_guard lock(mutex_);
    ++slots_.at(slot_of(lane)).epoch;
}

std::uint32_t ClientGate::epoch(HttpsClient::LaneId lane) const {
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_.at(slot_of(lane));
    assert(slot.in_use && slot.generation == generation_of(lane));
    return slot.epoch;
}

void ClientGate::shut() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
}

bool ClientGate::wanted(const Completion& completion) const {
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_[slot_of(completion.lane)];
    return !shut_ && slot.in_use && slot.generation == generation_of(completion.lane) &&
           slot.epoch == completion.epoch;
}

void ClientGate::deliver(std::vector<Completion> batch) {
    inbox_.post([self = shared_from_this(), batch = std::move(batch)]() mutable {
        for (Completion& completion : batch)
            if (self->wanted(completion)) completion.done(std::move(completion.result));
    });
}

}  // namespace csim
