#include "storage/sqlite/writer.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/scheduling.h"

namespace latchkey::storage::sqlite {

using base::ErrorCode;
using base::InfraError;

struct Writer::Job {
  explicit Job(base::FunctionRef<bool(domain::Tx&)> w) : work(w) {}
  base::FunctionRef<bool(domain::Tx&)> work;
  std::exception_ptr failure;  // to be thrown where the job came from
  bool is_queued = false;
  Job* next = nullptr;
};

// Nobody waits for it: the writer's thread finishes and deletes it.
struct Writer::QueuedJob : Job {
  explicit QueuedJob(std::unique_ptr<domain::PendingWrite> w) : Job(call), write(std::move(w)) {
    is_queued = true;
  }
  std::unique_ptr<domain::PendingWrite> write;
  struct Call {
    QueuedJob& job;
    bool operator()(domain::Tx& tx) const { return job.write->run(tx); }
  } call{*this};
};

namespace {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// std::atomic::wait spins and yields first, which costs more than it saves when the wait is a disk's.
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

}  // namespace

Writer::Writer(ConnectionOptions options, std::unique_ptr<SqliteTx> connection, WriterLimits limits,
               Checkpointer& checkpointer)
    : options_(std::move(options)), limits_(limits), checkpointer_(checkpointer) {
  use(std::move(connection));
  thread_ = std::thread([this] { run_thread(); });
  pthread_setname_np(thread_.native_handle(), "writer");
}

void Writer::use(std::unique_ptr<SqliteTx> tx) {
  tx_ = std::move(tx);
  sqlite3_wal_hook(
      tx_->connection.handle(),
      [](void* checkpointer, sqlite3*, const char*, int pages) {
        static_cast<Checkpointer*>(checkpointer)->note_log_length(static_cast<std::uint32_t>(pages));
        return SQLITE_OK;
      },
      &checkpointer_);
}

void Writer::run(base::FunctionRef<bool(domain::Tx&)> work) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    throw InfraError(ErrorCode::internal_error, "a write transaction inside a write transaction");
  }
  Job job(work);
  wait_for(enqueue(job, domain::CommitTiming::at_once));
  if (job.failure) std::rethrow_exception(job.failure);
}

void Writer::queue(std::unique_ptr<domain::PendingWrite> write, domain::CommitTiming timing) {
  auto job = std::make_unique<QueuedJob>(std::move(write));
  enqueue(*job, timing);
  static_cast<void>(job.release());  // the thread has it now
}

domain::StoreStats Writer::stats() const {
  const std::lock_guard lock(mutex_);
  return {.commits = commits_.load(std::memory_order_relaxed),
          .transactions = transactions_.load(std::memory_order_relaxed),
          .write_queue_length = queued_};
}

void Writer::stop() {
  const std::lock_guard only_one(stop_mutex_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_is_there_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Writer::is_due() const {
  return stopping_ || is_urgent_ || queued_ >= std::min(limits_.batch_size, limits_.queue_length) / 2;
}

Writer::BatchNumber Writer::enqueue(Job& job, domain::CommitTiming timing) {
  bool wake = false;
  BatchNumber batch = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw InfraError(ErrorCode::storage_unavailable, "the store is closed");
    if (queued_ >= limits_.queue_length) throw InfraError(ErrorCode::overloaded, "the write queue is full");
    (last_ == nullptr ? first_ : last_->next) = &job;
    last_ = &job;
    batch = next_batch_ + queued_ / limits_.batch_size;
    ++queued_;
    if (timing == domain::CommitTiming::at_once) is_urgent_ = true;
    wake = sleep_ == Sleep::until_work || (sleep_ == Sleep::until_due && is_due());
    if (wake) sleep_ = Sleep::none;
  }
  if (wake) work_is_there_.notify_one();
  return batch;
}

void Writer::wait_for(BatchNumber batch) {
  std::atomic<BatchNumber>& finished = finished_[batch % finished_.size()];
  for (;;) {
    const BatchNumber newest = finished.load(std::memory_order_acquire);
    if (static_cast<std::int32_t>(newest - batch) >= 0) return;  // the numbers may wrap around
    futex(finished, FUTEX_WAIT, newest);
  }
}

void Writer::announce(BatchNumber batch, bool somebody_waits) {
  std::atomic<BatchNumber>& finished = finished_[batch % finished_.size()];
  finished.store(batch, std::memory_order_release);
  if (somebody_waits) futex(finished, FUTEX_WAKE, INT_MAX);
}

void Writer::run_thread() {
  base::ask_for_short_time_slices();
  std::vector<Job*> batch;
  batch.reserve(limits_.batch_size);
  for (BatchNumber number = 1;; ++number) {
    take_batch(batch);
    if (batch.empty()) break;
    run_batch(batch);
    // From the announcement on, the jobs of waiting callers are no longer there.
    const auto waited_for = std::erase_if(batch, [](const Job* job) { return !job->is_queued; });
    announce(number, waited_for > 0);
    for (Job* job : batch) {
      const std::unique_ptr<QueuedJob> done(static_cast<QueuedJob*>(job));
      done->write->finish(std::move(done->failure));
    }
    if (tx_ != nullptr) checkpointer_.finish_if_due(tx_->connection);
  }
  tx_.reset();
}

void Writer::take_batch(std::vector<Job*>& batch) {
  batch.clear();
  std::unique_lock lock(mutex_);
  while (first_ == nullptr && !stopping_) {
    sleep_ = Sleep::until_work;
    work_is_there_.wait(lock);
  }
  if (!is_due()) {
    sleep_ = Sleep::until_due;
    work_is_there_.wait_for(lock, limits_.longest_hold, [this] { return is_due(); });
  }
  sleep_ = Sleep::none;
  while (first_ != nullptr && batch.size() < limits_.batch_size) {
    batch.push_back(first_);
    first_ = first_->next;
  }
  if (first_ == nullptr) last_ = nullptr;
  is_urgent_ = first_ != nullptr;  // what is left has waited for this batch already
  queued_ -= static_cast<std::uint32_t>(batch.size());
  ++next_batch_;
}

void Writer::run_batch(const std::vector<Job*>& batch) {
  try {
    if (tx_ == nullptr) use(std::make_unique<SqliteTx>(options_));
    const std::uint64_t kept = commit_all(batch);
    if (kept > 0) {
      commits_.fetch_add(1, std::memory_order_relaxed);
      transactions_.fetch_add(kept, std::memory_order_relaxed);
    }
  } catch (const InfraError& error) {
    if (tx_ != nullptr && !tx_->connection.roll_back()) tx_.reset();
    // A job that failed by itself keeps its own reason. Each gets an exception of its own, since each is
    // thrown on another thread.
    for (Job* job : batch) {
      if (!job->failure) job->failure = std::make_exception_ptr(InfraError(error.code(), error.what()));
    }
  }
}

std::uint64_t Writer::commit_all(const std::vector<Job*>& batch) {
  tx_->begin_write.run();
  std::uint64_t kept = 0;
  for (Job* job : batch) {
    if (run_in_savepoint(*job)) ++kept;
  }
  if (kept == 0) {
    tx_->roll_back.run();
  } else {
    tx_->commit.run();
  }
  return kept;
}

bool Writer::run_in_savepoint(Job& job) {
  tx_->savepoint.run();
  bool keep = false;
  try {
    keep = job.work(*tx_);
  } catch (...) {
    job.failure = std::current_exception();
  }
  if (!tx_->connection.in_transaction()) {
    // SQLite has taken back the whole transaction (disk full, I/O error), so the others have failed too.
    throw InfraError(ErrorCode::storage_unavailable, "SQLite gave up the commit that this was to be part of");
  }
  if (!keep) tx_->roll_back_to.run();
  tx_->release.run();
  return keep;
}

}  // namespace latchkey::storage::sqlite
