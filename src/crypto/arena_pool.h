// A few large blocks of memory that are kept between uses, and the queue of those who wait for one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

namespace latchkey::crypto {

// Memory mapped from the kernel: zero at first, in huge pages where it can be, not in core dumps. Throws
// InfraError (overloaded) when there is none.
class MappedMemory {
 public:
  MappedMemory() = default;
  explicit MappedMemory(std::size_t size);
  MappedMemory(MappedMemory&& other) noexcept;
  MappedMemory& operator=(MappedMemory&& other) noexcept;
  ~MappedMemory();

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

// `count` blocks of `size` bytes, mapped on first use and kept until the pool goes. At most `count` are out
// at a time and further callers wait, whatever size they ask for: that bounds how much work goes on at once.
// The pool does not wipe: whoever used a block has done so. Thread-safe; must outlive its leases.
class ArenaPool {
 public:
  ArenaPool(unsigned count, std::size_t size);
  ArenaPool(const ArenaPool&) = delete;
  ArenaPool& operator=(const ArenaPool&) = delete;

  // The right to use one block, given back when it goes.
  class Lease {
   public:
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    std::span<std::byte> memory() const { return memory_; }

   private:
    friend class ArenaPool;
    Lease(ArenaPool& pool, std::size_t size);
    ArenaPool& pool_;
    MappedMemory block_;      // a kept one, taken from the pool
    MappedMemory temporary_;  // when more was asked for than a block has
    std::span<std::byte> memory_;
  };

  // Waits for its turn. At least `size` bytes: the kept block, or when that is too small a mapping for this
  // lease alone, or nothing when `size` is 0.
  [[nodiscard]] Lease acquire(std::size_t size) { return {*this, size}; }
  // Blocks that are out now.
  unsigned in_use() const { return in_use_.load(std::memory_order_relaxed); }
  // Callers in acquire() that wait now.
  unsigned waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  void give_back(MappedMemory block);

  const std::size_t size_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<MappedMemory> free_;  // the last one given back is the first taken: it is still in the cache
  std::atomic<unsigned> waiting_ = 0;
  std::atomic<unsigned> in_use_ = 0;
};

}  // namespace latchkey::crypto
