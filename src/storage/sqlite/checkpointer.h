// Moves committed pages from the write-ahead log into the database file, without stopping those who commit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

// SQLite lets the committing connection do this, which would hold up every writer for as long as the disk
// takes. Here a thread of its own copies the bulk while commits go on; what was committed meanwhile, a small
// rest, is copied by the writer between two commits, because only then nothing is left over and SQLite starts
// the log from its beginning. So the log stays bounded under a load that never pauses.
class Checkpointer {
 public:
  // Begins when the log has `threshold_pages` pages, and again after as many more.
  Checkpointer(ConnectionOptions options, std::uint32_t threshold_pages, base::Logger& logger);
  ~Checkpointer() { stop(); }

  // Of the writer, after a commit: how long the log is now.
  void note_log_length(std::uint32_t pages);
  // Of the writer, between transactions: copies the rest when the bulk is done and the log has grown long.
  void finish_if_due(Connection& writer);
  // Idempotent.
  void stop();

 private:
  void run();
  // One checkpoint that waits for nobody.
  void checkpoint(Connection& connection);

  const ConnectionOptions options_;
  const std::uint32_t threshold_pages_;
  base::Logger& logger_;

  // The writer's own.
  std::uint32_t next_at_;
  std::uint32_t log_length_ = 0;

  std::atomic<bool> rest_is_due_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool bulk_is_due_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace latchkey::storage::sqlite
