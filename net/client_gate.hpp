// What both threads of an HttpsClient share: which lanes exist, which results may still be delivered, and
// figures.
#pragma once

#include "core/event_loop.hpp"
#include "net/https_client.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace csim {

using ReplyCallback = UniqueFunction<void(Result<HttpReply>)>;

/// A request's way back. Delivered, or merely destroyed, on the inbox's thread only.
struct Completion {
    HttpsClient::LaneId lane = 0;
    std::uint32_t epoch = 0;
    ReplyCallback done;
    Result<HttpReply> result = HttpReply{};
};

class ClientGate : public std::enable_shared_from_this<ClientGate> {
  public:
    explicit ClientGate(Inbox& inbox) : inbox_(inbox) {}

    HttpsClient::LaneId open();
    /// Results of requests sent before are dropped from now on.
    void close(HttpsClient::LaneId lane);
    void abandon(HttpsClient::LaneId lane);
    /// The epoch to stamp a request with.
    std::uint32_t epoch(HttpsClient::LaneId lane) const;
    /// Nothing is delivered any more.
    void shut();

    /// Hands a batch to the inbox; each `done` runs there if its lane still wants it.
    void deliver(std::vector<Completion> batch);

    /// Written by the I/O thread, read by anyone.
    struct Figures {
        std::atomic<std::uint64_t> requests{0}, failures{0}, connects{0}, resumed{0}, bytes_sent{0},
            bytes_received{0};
        std::atomic<std::size_t> open{0}, connecting{0}, parked{0}, hibernating{0};
    };
    Figures figures;

  private:
    struct Slot {
        std::uint32_t generation = 0;
        std::uint32_t epoch = 0;
        bool in_use = false;
    };
    bool wanted(const Completion& completion) const;

    Inbox& inbox_;
    mutable std::mutex mutex_;
    std::deque<Slot> slots_;
    std::vector<std::uint32_t> free_;
    bool shut_ = false;
};

/// A lane's place in tables. Its upper half is the generation, so that a reused place gets a new id.
inline std::uint32_t slot_of(HttpsClient::LaneId lane) {
    return static_cast<std::uint32_t>(lane);
}

}  // namespace csim
