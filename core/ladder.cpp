#include "core/ladder.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace csim {

namespace {

constexpr std::size_t slab_chunks = 64;
constexpr std::size_t buckets_min = 16, buckets_max = 1024;
constexpr std::size_t bucket_target = 8;  // records per bucket, about: small enough to sort cheaply

bool by_key(const LadderRecord& a, const LadderRecord& b) {
    return a.key < b.key;
}

/// Stable, for short and for nearly sorted ranges.
void insertion_sort(std::vector<LadderRecord>& records) {
    for (std::size_t i = 1; i < records.size(); ++i) {
        const LadderRecord moving = records[i];
        std::size_t to = i;
        for (; to > 0 && records[to - 1].key > moving.key; --to) records[to] = records[to - 1];
        records[to] = moving;
    }
}

}  // namespace

void Ladder::grow() {
    slabs_.push_back(std::make_unique_for_overwrite<Chunk[]>(slab_chunks));
    for (std::size_t i = slab_chunks; i-- > 0;) free_chunk(&slabs_.back()[i]);
}

void Ladder::extend(Bucket& bucket) {
    if (!free_) grow();
    Chunk* const chunk = free_;
    free_ = chunk->next;
    if (bucket.write)
        reinterpret_cast<Chunk*>(bucket.write - 15)->next = chunk;
    else
        bucket.head = chunk;
    bucket.write = chunk->records;
}

std::size_t Ladder::memory_bytes() const {
    std::size_t bytes = slabs_.size() * slab_chunks * sizeof(Chunk) +
                        bottom_.capacity() * sizeof(LadderRecord) + early_.capacity() * sizeof(Early);
    for (const Rung& rung : rungs_) bytes += sizeof(Rung) + rung.buckets.capacity() * sizeof(Bucket);
    return bytes;
}

bool Ladder::refill() {
    bottom_.clear();
    head_ = 0;
    for (;;) {
        if (depth_ == 0) {
            if (top_.count == 0) return false;
            if (refill_from_top()) return true;
        } else if (refill_from_rung()) {
            return true;
        }
    }
}

/// True once the bottom has records; false after another step towards it.
bool Ladder::refill_from_top() {
    Bucket bucket = std::exchange(top_, {});
    const std::uint64_t first = std::exchange(top_first_, UINT64_MAX);
    const std::uint64_t last = std::exchange(top_last_, 0);
    ceiling_ = last;
    if (bucket.count > sort_max && first != last) {
        deal(bucket, first, last);
        return false;
    }
    sort_into_bottom(bucket, last);
    return true;
}

bool Ladder::refill_from_rung() {
    Rung& rung = rungs_[depth_ - 1];
    while (rung.current < rung.used && rung.buckets[rung.current].count == 0) ++rung.current;
    if (rung.current == rung.used) {
        if (--depth_ == 0) ceiling_ = bottom_last_;
        return false;
    }
    Bucket& bucket = rung.buckets[rung.current];
    if (bucket.count <= sort_max) {
        const std::uint64_t first = rung.start + (std::uint64_t(rung.current) << rung.shift);
        const std::uint64_t width_less_one = (std::uint64_t(1) << rung.shift) - 1;
        const std::uint64_t last = rung.last - first < width_less_one ? rung.last : first + width_less_one;
        ++rung.current;
        sort_into_bottom(bucket, last);
        return true;
    }
    std::uint64_t first = UINT64_MAX, last = 0;
    for_each(bucket, [&](const LadderRecord& record) {
        first = std::min(first, record.key);
        last = std::max(last, record.key);
    });
    if (first == last) {
        // The bucket stays current: later keys of its span still belong there.
        sort_into_bottom(bucket, last);
        return true;
    }
    deal(std::exchange(bucket, {}), first, last);
    return false;
}

/// `last`: the greatest key that belongs to the bottom from now on.
void Ladder::sort_into_bottom(Bucket& bucket, std::uint64_t last) {
    const bool sorted = bucket.count > sort_max;  // so many come here only when all their keys are equal
    drain(bucket, [&](const LadderRecord& record) { bottom_.push_back(record); });
    if (!sorted) insertion_sort(bottom_);
    bottom_last_ = last;
    if (depth_ == 0) ceiling_ = last;
}

Ladder::Rung& Ladder::add_rung(std::uint64_t start, std::uint64_t last, std::size_t records) {
    if (rungs_.size() == depth_) rungs_.emplace_back();
    Rung& rung = rungs_[depth_++];
    const std::size_t wanted = std::clamp(std::bit_ceil(records / bucket_target), buckets_min, buckets_max);
    const std::uint64_t span = last - start;
    const int excess = int(std::bit_width(span)) - int(std::bit_width(wanted - 1));
    rung.start = start;
    rung.last = last;
    rung.shift = unsigned(std::max(excess, 0));
    rung.current = 0;
    rung.used = static_cast<std::uint32_t>((span >> rung.shift) + 1);
    if (rung.buckets.size() < rung.used) rung.buckets.resize(rung.used);
    if (depth_ == 1) ceiling_ = last;
    return rung;
}

void Ladder::deal(Bucket bucket, std::uint64_t first, std::uint64_t last) {
    Rung& rung = add_rung(first, last, bucket.count);
    drain(bucket, [&](const LadderRecord& record) {
        append(rung.buckets[(record.key - rung.start) >> rung.shift], record);
    });
}

/// A key at or below what the bottom covers: near, present, or past.
void Ladder::push_low(LadderRecord record) {
    const bool bottom_empty = head_ == bottom_.size();
    if (bottom_empty ? !early_.empty() : record.key < bottom_[head_].key) {
        early_.push_back({record, early_sequence_++});
        std::push_heap(early_.begin(), early_.end(), std::greater<>());
        if (early_.size() > early_max) early_to_rung();
        return;
    }
    if (bottom_empty) {
        bottom_.clear();
        head_ = 0;
    }
    if (bottom_.size() - head_ > bottom_max && bottom_.back().key > record.key && depth_ < depth_max &&
        bottom_[head_].key > 0) {
        bottom_to_rung();
        push(record);
        return;
    }
    const auto first = bottom_.begin() + std::ptrdiff_t(head_);
    bottom_.insert(std::upper_bound(first, bottom_.end(), record, by_key), record);
}

void Ladder::pop_early() {
    std::pop_heap(early_.begin(), early_.end(), std::greater<>());
    early_.pop_back();
}

void Ladder::rebuild_early() {
    std::make_heap(early_.begin(), early_.end(), std::greater<>());
}

/// Requires a bottom with records, the first of them above key 0.
void Ladder::bottom_to_rung() {
    const std::uint64_t first = bottom_[head_].key;
    Rung& rung = add_rung(first, bottom_last_, bottom_.size() - head_);
    for (; head_ < bottom_.size(); ++head_)
        append(rung.buckets[(bottom_[head_].key - first) >> rung.shift], bottom_[head_]);
    bottom_last_ = first - 1;
}

/// Many records came in before the front of the bottom, as when a far event was looked at before near ones
/// were added: they get a rung of their own, below the one that takes back the bottom.
void Ladder::early_to_rung() {
    std::sort(early_.begin(), early_.end(), [](const Early& a, const Early& b) { return b > a; });
    const std::uint64_t first = early_.front().record.key;
    if (depth_ + 2 > depth_max || first == 0) return;  // a sorted range is a heap
    if (head_ < bottom_.size()) bottom_to_rung();
    Rung& rung = add_rung(first, bottom_last_, early_.size());
    for (const Early& early : early_)
        append(rung.buckets[(early.record.key - first) >> rung.shift], early.record);
    early_.clear();
    bottom_last_ = first - 1;
}

}  // namespace csim
