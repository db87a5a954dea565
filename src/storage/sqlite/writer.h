// The one thread that writes: takes all transactions that wait and makes them one durable commit.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "domain/store.h"
#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/transaction.h"

namespace latchkey::storage::sqlite {

struct WriterLimits {
  std::uint32_t queue_length;       // one more is refused
  std::uint32_t batch_size;         // transactions in one commit, at most
  base::Milliseconds longest_hold;  // of writes that are to share a commit, while no other asks for one
};

// While one commit waits for the disk, the next transactions queue up; the busier the server, the more of
// them share a commit. Only what is queued as CommitTiming::shared waits on purpose, until something else is
// queued, half a batch is there, or the first has waited for `longest_hold`. Each transaction of a batch has
// a savepoint of its own, so one that fails leaves no trace and no mark on the others. When the commit itself
// fails, all of them fail. Thread-safe.
class Writer {
 public:
  Writer(ConnectionOptions options, std::unique_ptr<SqliteTx> connection, WriterLimits limits,
         Checkpointer& checkpointer);
  ~Writer() { stop(); }

  // Store::run_write.
  void run(base::FunctionRef<bool(domain::Tx&)> work);
  // Store::queue_write. The outcome is told on the writer's thread.
  void queue(std::unique_ptr<domain::PendingWrite> write, domain::CommitTiming timing);
  // Store::stats.
  domain::StoreStats stats() const;
  // Refuses new work, finishes what is queued, and closes the connection. Idempotent.
  void stop();

 private:
  // A transaction that waits or runs; linked into the queue.
  struct Job;
  struct QueuedJob;
  // A commit, by number. Callers sleep on it: one system call wakes all of a batch.
  using BatchNumber = std::uint32_t;

  // The number of the batch that will have the job. Throws overloaded, or storage_unavailable when stopped;
  // then the job is still the caller's.
  BatchNumber enqueue(Job& job, domain::CommitTiming timing);
  void wait_for(BatchNumber batch);
  void announce(BatchNumber batch, bool somebody_waits);

  void run_thread();
  // Takes over a connection and has it report the length of the log.
  void use(std::unique_ptr<SqliteTx> tx);
  // Whether there is a reason to commit what is queued now. Under the mutex.
  bool is_due() const;
  // The next jobs, at most a batch, in order; empty when there are none and the writer stops.
  void take_batch(std::vector<Job*>& batch);
  void run_batch(const std::vector<Job*>& batch);
  // Runs all jobs and commits; throws when the transaction as a whole has failed.
  std::uint64_t commit_all(const std::vector<Job*>& batch);
  // True when the job's writes are to be kept.
  bool run_in_savepoint(Job& job);

  const ConnectionOptions options_;
  const WriterLimits limits_;
  Checkpointer& checkpointer_;
  std::unique_ptr<SqliteTx> tx_;  // the thread's own; made anew after SQLite could not roll back

  mutable std::mutex mutex_;
  std::condition_variable work_is_there_;
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  std::uint32_t queued_ = 0;
  BatchNumber next_batch_ = 1;
  bool is_urgent_ = false;  // something is queued that wants its commit at once
  enum class Sleep : std::uint8_t { none, until_work, until_due } sleep_ = Sleep::none;  // of the thread
  bool stopping_ = false;

  // The newest finished batch among those whose number has this remainder.
  std::array<std::atomic<BatchNumber>, 64> finished_{};
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> transactions_ = 0;
  std::mutex stop_mutex_;
  std::thread thread_;
};

}  // namespace latchkey::storage::sqlite
