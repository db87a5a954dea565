#include "crypto/arena_pool.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

#include "base/infra_error.h"

namespace latchkey::crypto {

namespace {
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;

constexpr std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}
}  // namespace

// Huge pages need an aligned start, which mmap does not promise: more is mapped, and what is over is given
// back.
MappedMemory::MappedMemory(std::size_t size) {
  if (size == 0) return;
  size = round_up(size, kPage);
  const std::size_t slack = size >= kHugePage ? kHugePage : 0;
  void* const mapped =
      mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    throw base::InfraError(base::ErrorCode::overloaded, "no memory for password hashing");
  }
  auto* const start = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const std::size_t before = slack == 0 ? 0 : round_up(address, kHugePage) - address;
  const std::size_t after = slack - before;
  if (before > 0) munmap(start, before);
  if (after > 0) munmap(start + before + size, after);
  bytes_ = {start + before, size};
  // Both only advise: what fails costs speed or nothing.
  madvise(bytes_.data(), bytes_.size(), MADV_HUGEPAGE);
  madvise(bytes_.data(), bytes_.size(), MADV_DONTDUMP);
}

MappedMemory::MappedMemory(MappedMemory&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedMemory& MappedMemory::operator=(MappedMemory&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedMemory::~MappedMemory() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

ArenaPool::ArenaPool(unsigned count, std::size_t size) : size_(size), free_(count) {}

ArenaPool::Lease::Lease(ArenaPool& pool, std::size_t size) : pool_(pool) {
  {
    std::unique_lock lock(pool.mutex_);
    ++pool.waiting_;
    pool.given_back_.wait(lock, [&] { return !pool.free_.empty(); });
    --pool.waiting_;
    ++pool.in_use_;
    block_ = std::move(pool.free_.back());
    pool.free_.pop_back();
  }
  if (size == 0) return;
  try {
    if (size > pool.size_) {
      temporary_ = MappedMemory(size);
    } else if (block_.bytes().empty()) {
      block_ = MappedMemory(pool.size_);
    }
  } catch (...) {
    pool.give_back(std::move(block_));
    throw;
  }
  memory_ = size > pool.size_ ? temporary_.bytes() : block_.bytes();
}

ArenaPool::Lease::~Lease() { pool_.give_back(std::move(block_)); }

void ArenaPool::give_back(MappedMemory block) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(block));
    --in_use_;
  }
  given_back_.notify_one();
}

}  // namespace latchkey::crypto
