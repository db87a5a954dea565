// A value that many threads read while one may replace it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace latchkey::base {

// Holds an immutable T; load() hands out the one that is current, which lives as long as somebody holds it.
// Thread-safe. std::atomic<std::shared_ptr> is not used because libstdc++ 12 spins in it: a reader that loses
// its core while it holds that lock lets all others burn theirs.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}

  std::shared_ptr<const T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void store(std::shared_ptr<const T> value) {
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);
    }
    // The old value goes here, after the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace latchkey::base
