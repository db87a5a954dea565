// Lanes: bounded pools of threads for work that blocks or burns, so that I/O threads never do.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/log.h"

namespace latchkey::http {

enum class Lane : std::uint8_t { storage, hash };

using Task = std::move_only_function<void()>;

// Where routes hand their work to.
class Executor {
 public:
  virtual ~Executor() = default;
  // Takes the task, or answers false when the lane's queue is full or the lane is stopping: then the task
  // was not run and never will be. Thread-safe.
  virtual bool submit(Lane lane, Task task) = 0;
  // Whether endpoints of Cost::principal, point_read and one_write may run on the I/O thread.
  virtual bool store_is_embedded() const = 0;
};

struct LaneSettings {
  // How many storage tasks run at once. More than cores, because each mostly waits for its transaction to be
  // durable, and those that wait together share one commit.
  unsigned storage_threads = 64;
  std::size_t storage_queue = 4096;
  unsigned hash_threads = 0;  // 0: as many as cores
  std::size_t hash_queue = 2048;
  // How much the hash threads give way to the others (nice(2)). Not all the way: beside programs that keep
  // every core busy, hashes at 19 get hardly any time (3 logins a second were seen beside four compilers).
  int hash_nice = 10;
  bool store_is_embedded = true;
};

// Two pools of threads, `storage` and `hash`, each with a bounded queue, first in, first out. Threads are
// started when there is work for them, so an idle server has none. Owns its threads; the destructor stops.
// Tasks must not throw.
class Lanes final : public Executor {
 public:
  explicit Lanes(const LaneSettings& settings);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes() override;

  bool submit(Lane lane, Task task) override;
  bool store_is_embedded() const override;

  // How many tasks wait, and how many run, right now.
  std::size_t queued(Lane lane) const;
  std::size_t running(Lane lane) const;
  unsigned threads(Lane lane) const;

  // Takes no further task, runs what is queued, joins the threads. May be called twice.
  void stop();

 private:
  class Pool;
  Pool& pool(Lane lane) const;
  std::unique_ptr<Pool> storage_;
  std::unique_ptr<Pool> hash_;
  bool store_is_embedded_;
};

// Runs every task at once on the calling thread: for tests and fuzzing.
class InlineLanes final : public Executor {
 public:
  bool submit(Lane, Task task) override {
    task();
    return true;
  }
  bool store_is_embedded() const override { return true; }
};

}  // namespace latchkey::http
