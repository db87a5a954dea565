// A small state for each of many subjects (addresses, accounts) in memory that never grows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <type_traits>

namespace latchkey::ratelimit {

// A hash table of fixed size: each subject may stand in one of the eight slots of its row, and when all are
// taken, the one with the least weight makes room. So whoever floods the table with new subjects pushes out
// light ones (their own), not those that are close to a limit. Subjects are known by a keyed 64-bit hash
// only, so their texts are not kept and nobody can aim at a row. Slots are untouched pages until they are
// used. Thread-safe.
template <class State>
class SubjectTable {
 public:
  // Holds up to `max_subjects`, rounded up to eight, from then on.
  explicit SubjectTable(std::size_t max_subjects)
      : rows_(std::max<std::size_t>((max_subjects + kRowSize - 1) / kRowSize, 1)),
        slots_(static_cast<Slot*>(std::calloc(rows_ * kRowSize, sizeof(Slot)))) {
    if (!slots_) throw std::bad_alloc();
  }

  // The most memory it ever takes.
  std::size_t max_bytes() const { return rows_ * kRowSize * sizeof(Slot); }

  // Calls `work(State&)` with the state of the subject, and returns what it returns. A subject that is not
  // there gets a State{}, and if need be the room of the one with the least `weight(const State&)`.
  template <class Weight, class Work>
  auto update(std::uint64_t hash, Weight weight, Work work) {
    const Place place = find_place(hash);
    const std::lock_guard lock(place.mutex);
    Slot* slot = find_slot(place.row, place.key);
    if (slot == nullptr) {
      slot = find_slot(place.row, kFree);
      if (slot == nullptr) {
        slot = &*std::ranges::min_element(place.row, {}, [&](const Slot& s) { return weight(s.state); });
      }
      *slot = {.key = place.key, .state = State{}};
    }
    return work(slot->state);
  }

  // Calls `work(State&)` only if the subject is there; the subject is forgotten when that returns false.
  template <class Work>
  void update_existing(std::uint64_t hash, Work work) {
    const Place place = find_place(hash);
    const std::lock_guard lock(place.mutex);
    Slot* slot = find_slot(place.row, place.key);
    if (slot != nullptr && !work(slot->state)) *slot = {};
  }

 private:
  static constexpr std::size_t kRowSize = 8;
  static constexpr std::size_t kMutexes = 16;
  static constexpr std::uint64_t kFree = 0;

  // All bytes zero is a free slot, so that fresh pages need not be written.
  struct Slot {
    std::uint64_t key = kFree;
    State state{};
  };
  static_assert(std::is_trivially_copyable_v<Slot> && std::is_trivially_destructible_v<Slot>);
  struct Free {
    void operator()(Slot* slots) const { std::free(slots); }
  };
  struct Place {
    std::uint64_t key;
    std::span<Slot, kRowSize> row;
    std::mutex& mutex;
  };

  Place find_place(std::uint64_t hash) {
    const std::size_t row = hash % rows_;
    return {.key = hash == kFree ? 1 : hash,
            .row = std::span<Slot, kRowSize>(slots_.get() + row * kRowSize, kRowSize),
            .mutex = mutexes_[row % kMutexes]};
  }
  static Slot* find_slot(std::span<Slot, kRowSize> row, std::uint64_t key) {
    const auto found = std::ranges::find(row, key, &Slot::key);
    return found == row.end() ? nullptr : &*found;
  }

  std::size_t rows_;
  std::unique_ptr<Slot[], Free> slots_;
  std::array<std::mutex, kMutexes> mutexes_;
};

}  // namespace latchkey::ratelimit
