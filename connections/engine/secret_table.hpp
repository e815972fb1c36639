// The slots of all connections of a worker, in one mapping of its own: not in core dumps, not in forked
// children, wiped at the end.
#pragma once

#include <openssl/crypto.h>

#include <cassert>
#include <cstddef>
#include <new>
#include <sys/mman.h>

namespace csim::connections {

template <class Slot>
class SecretTable {
  public:
    /// Throws std::bad_alloc.
    explicit SecretTable(std::size_t count) : count_(count), bytes_(count * sizeof(Slot) + 1) {
        void* made = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (made == MAP_FAILED) throw std::bad_alloc();
        madvise(made, bytes_, MADV_DONTDUMP);
        madvise(made, bytes_, MADV_WIPEONFORK);
        slots_ = static_cast<Slot*>(made);
        for (std::size_t i = 0; i < count_; ++i) new (slots_ + i) Slot();
    }
    ~SecretTable() {
        for (std::size_t i = 0; i < count_; ++i) slots_[i].~Slot();
        OPENSSL_cleanse(slots_, bytes_);
        munmap(slots_, bytes_);
    }
    SecretTable(const SecretTable&) = delete;

    std::size_t size() const { return count_; }
    Slot& operator[](std::size_t i) {
        assert(i < count_);
        return slots_[i];
    }

  private:
    std::size_t count_, bytes_;
    Slot* slots_ = nullptr;
};

}  // namespace csim::connections
