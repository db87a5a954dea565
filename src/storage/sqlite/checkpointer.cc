#include "storage/sqlite/checkpointer.h"

#include <pthread.h>

#include <utility>

namespace latchkey::storage::sqlite {
namespace {

// How many times longer than the threshold the log must be before the writer stops for the rest. Its sync of
// the database file takes as long as tens of commits, and at the first pause the log starts over without it.
constexpr std::uint32_t kRestFactor = 4;

}  // namespace

Checkpointer::Checkpointer(ConnectionOptions options, std::uint32_t threshold_pages, base::Logger& logger)
    : options_(std::move(options)),
      threshold_pages_(threshold_pages),
      logger_(logger),
      next_at_(threshold_pages),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "checkpointer");
}

void Checkpointer::note_log_length(std::uint32_t pages) {
  if (pages < log_length_) next_at_ = threshold_pages_;  // it started from its beginning
  log_length_ = pages;
  if (pages < next_at_) return;
  next_at_ = pages + threshold_pages_;
  {
    const std::lock_guard lock(mutex_);
    bulk_is_due_ = true;
  }
  wake_.notify_one();
}

void Checkpointer::finish_if_due(Connection& writer) {
  if (log_length_ < kRestFactor * threshold_pages_ || !rest_is_due_.load(std::memory_order_relaxed)) return;
  rest_is_due_.store(false, std::memory_order_relaxed);
  checkpoint(writer);
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::run() {
  std::optional<Connection> connection;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || bulk_is_due_; });
    if (stopping_) return;
    bulk_is_due_ = false;
    lock.unlock();
    try {
      if (!connection) connection.emplace(options_);
      checkpoint(*connection);
      rest_is_due_.store(true, std::memory_order_relaxed);
    } catch (const base::InfraError& error) {
      logger_.warn("checkpoint failed", {{"detail", error.what()}});
      connection.reset();
    }
    lock.lock();
  }
}

void Checkpointer::checkpoint(Connection& connection) {
  const int code =
      sqlite3_wal_checkpoint_v2(connection.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Busy: another process is at it. Anything else keeps the pages where they are, safe, for the next time.
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
    logger_.warn("checkpoint failed", {{"detail", sqlite3_errmsg(connection.handle())}});
  }
}

}  // namespace latchkey::storage::sqlite
