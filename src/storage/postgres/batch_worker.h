// A thread that takes all that has queued up since it last looked, and works it off together.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/infra_error.h"

namespace latchkey::storage::postgres {

// While one batch is at the database, the next queues up: the busier, the larger. With a `hold`, the first
// item also waits that long for company, or until half a batch is there; else nothing waits on purpose. The
// thread starts with the first item, so that an idle server has none. Thread-safe.
template <class Item>
class BatchWorker {
 public:
  // `work` is called on the thread, with at most `largest_batch` items in the order they came; it must not
  // throw. With `longest_queue` waiting, one more is refused. `name` is at most 15 characters.
  BatchWorker(const char* name, std::size_t largest_batch, std::size_t longest_queue, base::Milliseconds hold,
              std::move_only_function<void(std::vector<Item>&)> work)
      : name_(name),
        largest_batch_(largest_batch),
        longest_queue_(longest_queue),
        hold_(hold),
        work_(std::move(work)) {}
  BatchWorker(const BatchWorker&) = delete;
  BatchWorker& operator=(const BatchWorker&) = delete;
  ~BatchWorker() { close(); }

  // Throws InfraError, overloaded or (after close) storage_unavailable; then the item was not taken.
  void put(Item item) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) throw base::InfraError(base::ErrorCode::storage_unavailable, "the store is closed");
      if (queue_.size() >= longest_queue_) {
        throw base::InfraError(base::ErrorCode::overloaded, "too many wait for the database");
      }
      if (!thread_.joinable()) start();
      queue_.push_back(std::move(item));
      ++taken_;
      wake = queue_.size() == 1 || is_company();
    }
    if (wake) there_is_work_.notify_one();
  }

  // Returns when everything that was put before is worked off.
  void wait_for_queued() {
    std::unique_lock lock(mutex_);
    const std::uint64_t last = taken_;
    progress_.wait(lock, [&] { return done_ >= last; });
  }

  // Works off what is queued, and ends the thread. Idempotent.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    there_is_work_.notify_one();
    const std::lock_guard only_one(close_mutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  bool is_company() const { return queue_.size() >= (largest_batch_ + 1) / 2; }

  void start() {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), name_);
  }

  void run() {
    std::vector<Item> batch;
    std::unique_lock lock(mutex_);
    for (;;) {
      there_is_work_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      if (hold_.count() > 0) there_is_work_.wait_for(lock, hold_, [this] { return closed_ || is_company(); });
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), largest_batch_));
      batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
      queue_.erase(queue_.begin(), end);
      lock.unlock();
      const std::size_t count = batch.size();
      work_(batch);
      batch.clear();
      lock.lock();
      done_ += count;
      progress_.notify_all();
    }
  }

  const char* const name_;
  const std::size_t largest_batch_;
  const std::size_t longest_queue_;
  const base::Milliseconds hold_;
  std::move_only_function<void(std::vector<Item>&)> work_;

  std::mutex mutex_;
  std::condition_variable there_is_work_;
  std::condition_variable progress_;
  std::vector<Item> queue_;
  std::uint64_t taken_ = 0;
  std::uint64_t done_ = 0;
  bool closed_ = false;
  std::mutex close_mutex_;
  std::thread thread_;  // started under mutex_, joined after closed_ was set
};

}  // namespace latchkey::storage::postgres
