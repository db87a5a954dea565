#include "http/lanes.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/infra_error.h"
#include "base/scheduling.h"
#include "http/thread.h"

namespace latchkey::http {

class Lanes::Pool {
 public:
  Pool(std::string name, unsigned most_threads, std::size_t most_queued, int nice)
      : name_(std::move(name)), most_threads_(most_threads), most_queued_(most_queued), nice_(nice) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop(); }

  bool submit(Task task) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= most_queued_) return false;
      if (idle_ <= queue_.size() && threads_.size() < most_threads_ && !start_thread() && threads_.empty()) {
        return false;
      }
      queue_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
  }

  void stop() {
    std::vector<std::unique_ptr<Thread>> ending;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      ending.swap(threads_);
    }
    wake_.notify_all();
  }

  std::size_t queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }
  std::size_t running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  unsigned most_threads() const { return most_threads_; }

 private:
  bool start_thread() {
    try {
      threads_.push_back(std::make_unique<Thread>(name_, [this] { work(); }));
      return true;
    } catch (const base::InfraError&) {
      return false;
    }
  }

  void work() {
    if (nice_ != 0) base::give_way_to_others(nice_);
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      --idle_;
      if (queue_.empty()) return;
      {
        Task task = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
        lock.unlock();
        task();
      }
      lock.lock();
      --running_;
    }
  }

  const std::string name_;
  const unsigned most_threads_;
  const std::size_t most_queued_;
  const int nice_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;
  std::size_t idle_ = 0;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};

namespace {

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

Lanes::Lanes(const LaneSettings& settings)
    : storage_(std::make_unique<Pool>("storage", std::max(1U, settings.storage_threads),
                                      settings.storage_queue, 0)),
      hash_(std::make_unique<Pool>("hash", settings.hash_threads == 0 ? cores() : settings.hash_threads,
                                   settings.hash_queue, settings.hash_nice)),
      store_is_embedded_(settings.store_is_embedded) {}
Lanes::~Lanes() { stop(); }

Lanes::Pool& Lanes::pool(Lane lane) const { return lane == Lane::hash ? *hash_ : *storage_; }

bool Lanes::submit(Lane lane, Task task) { return pool(lane).submit(std::move(task)); }
bool Lanes::store_is_embedded() const { return store_is_embedded_; }
std::size_t Lanes::queued(Lane lane) const { return pool(lane).queued(); }
std::size_t Lanes::running(Lane lane) const { return pool(lane).running(); }
unsigned Lanes::threads(Lane lane) const { return pool(lane).most_threads(); }

void Lanes::stop() {
  hash_->stop();
  storage_->stop();
}

}  // namespace latchkey::http
