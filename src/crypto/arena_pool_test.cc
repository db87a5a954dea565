#include "crypto/arena_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <latch>
#include <thread>
#include <vector>

namespace latchkey::crypto {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(MappedMemory, is_zero_writable_and_aligned_to_huge_pages) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{8192}, 2 * kMiB, 19 * kMiB + 1}) {
    const MappedMemory memory(size);
    ASSERT_GE(memory.bytes().size(), size);
    EXPECT_TRUE(std::ranges::all_of(memory.bytes(), [](std::byte b) { return b == std::byte{0}; }));
    std::ranges::fill(memory.bytes(), std::byte{1});
    if (size >= 2 * kMiB) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.bytes().data()) % (2 * kMiB), 0u);
    }
  }
  EXPECT_TRUE(MappedMemory(0).bytes().empty());
}

TEST(MappedMemory, moves) {
  MappedMemory one(4096);
  const auto bytes = one.bytes();
  MappedMemory two(std::move(one));
  EXPECT_EQ(two.bytes().data(), bytes.data());
  MappedMemory three;
  three = std::move(two);
  EXPECT_EQ(three.bytes().data(), bytes.data());
}

TEST(ArenaPool, keeps_blocks_between_uses) {
  ArenaPool pool(2, kMiB);
  const std::byte* first = nullptr;
  {
    const auto lease = pool.acquire(kMiB);
    first = lease.memory().data();
    EXPECT_EQ(lease.memory().size(), kMiB);
  }
  const auto again = pool.acquire(1000);
  EXPECT_EQ(again.memory().data(), first);
  const auto other = pool.acquire(kMiB);
  EXPECT_NE(other.memory().data(), first);
}

TEST(ArenaPool, gives_more_than_a_block_for_one_lease_only) {
  ArenaPool pool(1, kMiB);
  EXPECT_GE(pool.acquire(3 * kMiB).memory().size(), 3 * kMiB);
  EXPECT_EQ(pool.acquire(1).memory().size(), kMiB);
  EXPECT_TRUE(pool.acquire(0).memory().empty());
}

TEST(ArenaPool, lets_no_more_in_than_it_has_blocks) {
  ArenaPool pool(2, 4096);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 200; ++j) {
          // Every kind of lease takes a place.
          const auto lease = pool.acquire(j % 3 == 0 ? 0 : j % 3 == 1 ? 4096 : 8192);
          EXPECT_GE(pool.in_use(), 1u);
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          --inside;
        }
      });
    }
  }
  EXPECT_LE(most, 2);
  EXPECT_EQ(pool.waiting(), 0u);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(ArenaPool, counts_who_waits_and_wakes_them) {
  ArenaPool pool(1, 4096);
  std::jthread waiter;
  {
    const auto lease = pool.acquire(1);
    waiter = std::jthread([&] { (void)pool.acquire(1); });
    while (pool.waiting() == 0) std::this_thread::yield();
    EXPECT_EQ(pool.waiting(), 1u);
  }
  waiter.join();
  EXPECT_EQ(pool.waiting(), 0u);
}

}  // namespace
}  // namespace latchkey::crypto
