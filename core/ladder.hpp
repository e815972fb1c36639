// The order behind EventQueue: a ladder queue. Far records lie unsorted in the top; when their time comes
// they are dealt into the buckets of a rung, a crowded bucket into a finer rung, and a small bucket is sorted
// into the bottom, from where records leave. Every step reads and writes in sequence, which is why it keeps
// its speed when a heap would miss the cache at each level.
//
// Equal keys leave in the order they came without a sequence number: a key belongs to one container at a
// time, containers append, and dealing and sorting are stable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace csim {

/// Sixteen bytes per pending event: its place in time and the slot of what it does.
struct LadderRecord {
    std::uint64_t key = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
};

/// Records in order of key, then of insertion. Keys may be smaller than ones already taken.
class Ladder {
  public:
    void push(LadderRecord record) {
        if (record.key > ceiling_)
            push_top(record);
        else if (record.key > bottom_last_)
            push_rung(record);
        else
            push_low(record);
    }

    /// True if front() needs refill() first.
    bool drained() const { return head_ == bottom_.size() && early_.empty(); }
    /// Makes the first records ready; false if there are none. Requires drained().
    bool refill();
    /// The first record. Requires !drained().
    const LadderRecord& front() const { return early_.empty() ? bottom_[head_] : early_.front().record; }
    void pop() {
        if (early_.empty()) [[likely]]
            ++head_;
        else
            pop_early();
    }

    /// Shows `see` the records that will be ready after the present ones, or some of them: a chance to
    /// prefetch.
    template <class See>
    void show_upcoming(See&& see) const;
    /// Drops every record for which `drop` says so. Takes time in proportion to all records.
    template <class Drop>
    void remove_if(Drop&& drop);

    std::size_t memory_bytes() const;

  private:
    static constexpr std::uint32_t sort_max = 48;     // a bucket of at most so many is sorted, not dealt
    static constexpr std::uint32_t bottom_max = 128;  // a bottom that grew beyond it becomes a rung
    static constexpr std::uint32_t early_max = 64;
    static constexpr std::size_t depth_max = 40;

    struct alignas(256) Chunk {
        LadderRecord records[15];
        Chunk* next;
        std::uint64_t unused;
    };

    /// Records in order of arrival, in linked chunks.
    struct Bucket {
        Chunk* head = nullptr;
        LadderRecord* write = nullptr;  // one behind the last record; aligned chunks tell when one is full
        std::uint32_t count = 0;
    };

    /// A span of keys cut into buckets of 2^shift each.
    struct Rung {
        std::uint64_t start = 0;
        std::uint64_t last = 0;  // greatest key that belongs here
        unsigned shift = 0;
        std::uint32_t current = 0;  // buckets before it are spent
        std::uint32_t used = 0;
        std::vector<Bucket> buckets;
    };

    struct Early {
        LadderRecord record;
        std::uint64_t sequence;
        bool operator>(const Early& other) const {
            return record.key != other.record.key ? record.key > other.record.key : sequence > other.sequence;
        }
    };

    static bool full(const LadderRecord* write) {
        return (reinterpret_cast<std::uintptr_t>(write) & 0xf0) == 0xf0;
    }
    void append(Bucket& bucket, LadderRecord record) {
        if (!bucket.write || full(bucket.write)) [[unlikely]]
            extend(bucket);
        *bucket.write++ = record;
        ++bucket.count;
    }
    void push_top(LadderRecord record) {
        append(top_, record);
        if (record.key < top_first_) top_first_ = record.key;
        if (record.key > top_last_) top_last_ = record.key;
    }
    void push_rung(LadderRecord record) {
        std::size_t level = 0;
        while (level + 1 < depth_ && record.key <= rungs_[level + 1].last) ++level;
        Rung& rung = rungs_[level];
        append(rung.buckets[(record.key - rung.start) >> rung.shift], record);
    }
    void push_low(LadderRecord record);
    void pop_early();
    void rebuild_early();

    void extend(Bucket& bucket);
    void grow();
    void free_chunk(Chunk* chunk) {
        chunk->next = free_;
        free_ = chunk;
    }
    template <class See>
    static void for_each(const Bucket& bucket, See&& see);
    template <class Take>
    void drain(Bucket& bucket, Take&& take);
    template <class Drop>
    void filter(Bucket& bucket, Drop& drop);

    Rung& add_rung(std::uint64_t start, std::uint64_t last, std::size_t records);
    bool refill_from_top();
    bool refill_from_rung();
    void sort_into_bottom(Bucket& bucket, std::uint64_t last);
    void deal(Bucket bucket, std::uint64_t first, std::uint64_t last);
    void bottom_to_rung();
    void early_to_rung();

    std::uint64_t ceiling_ = 0;      // keys above it are in the top
    std::uint64_t bottom_last_ = 0;  // keys above it, up to the ceiling, are in rungs
    std::vector<LadderRecord> bottom_;
    std::size_t head_ = 0;
    std::vector<Early> early_;  // a heap: what came in before the front of the bottom
    std::uint64_t early_sequence_ = 0;
    Bucket top_;
    std::uint64_t top_first_ = UINT64_MAX, top_last_ = 0;
    std::vector<Rung> rungs_;  // coarse to fine; those beyond depth_ only keep their memory
    std::size_t depth_ = 0;
    std::vector<std::unique_ptr<Chunk[]>> slabs_;
    Chunk* free_ = nullptr;
};

template <class See>
void Ladder::for_each(const Bucket& bucket, See&& see) {
    std::uint32_t left = bucket.count;
    for (const Chunk* chunk = bucket.head; left > 0; chunk = chunk->next)
        for (std::size_t i = 0; i < 15 && left > 0; ++i, --left) see(chunk->records[i]);
}

/// Empties the bucket; `take` may append to others.
template <class Take>
void Ladder::drain(Bucket& bucket, Take&& take) {
    std::uint32_t left = bucket.count;
    Chunk* chunk = bucket.head;
    bucket = {};
    while (left > 0) {
        const std::uint32_t here = left < 15 ? left : 15;
        for (std::uint32_t i = 0; i < here; ++i) take(chunk->records[i]);
        left -= here;
        Chunk* const spent = chunk;
        chunk = chunk->next;
        free_chunk(spent);
    }
}

template <class Drop>
void Ladder::filter(Bucket& bucket, Drop& drop) {
    if (bucket.count == 0) return;
    Bucket kept;
    drain(bucket, [&](const LadderRecord record) {
        if (!drop(record)) append(kept, record);
    });
    bucket = kept;
}

template <class Drop>
void Ladder::remove_if(Drop&& drop) {
    filter(top_, drop);
    for (std::size_t level = 0; level < depth_; ++level)
        for (std::uint32_t i = rungs_[level].current; i < rungs_[level].used; ++i)
            filter(rungs_[level].buckets[i], drop);
    bottom_.erase(bottom_.begin(), bottom_.begin() + std::ptrdiff_t(head_));
    head_ = 0;
    std::erase_if(bottom_, drop);
    std::erase_if(early_, [&](const Early& early) { return drop(early.record); });
    rebuild_early();
}

template <class See>
void Ladder::show_upcoming(See&& see) const {
    if (depth_ == 0) return;
    const Rung& rung = rungs_[depth_ - 1];
    for (std::uint32_t i = rung.current; i < rung.used; ++i) {
        if (rung.buckets[i].count == 0) continue;
        if (rung.buckets[i].count <= sort_max) for_each(rung.buckets[i], see);
        return;
    }
}

}  // namespace csim
