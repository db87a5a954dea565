// Connections for reading: any number of threads read at once, each on its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/function_ref.h"
#include "storage/sqlite/transaction.h"

namespace latchkey::storage::sqlite {

// Opens a connection when all are in use, and hands out the one that was used last, so that few are kept warm
// however many threads there are. Thread-safe.
class ReaderPool {
 public:
  ReaderPool(ConnectionOptions options, std::size_t max_idle)
      : options_(std::move(options)), max_idle_(max_idle) {}
  ~ReaderPool() { close(); }

  // Runs `work` in a read transaction: one snapshot, with every commit that was acknowledged before. Throws
  // InfraError when the database cannot be read or the pool is closed, and whatever `work` throws.
  void run(base::FunctionRef<void(SqliteTx&)> work);
  // Waits for readers and closes all connections. Idempotent.
  void close();

 private:
  std::unique_ptr<SqliteTx> take();
  // nullptr: the connection was given up.
  void give_back(std::unique_ptr<SqliteTx> reader);

  const ConnectionOptions options_;
  const std::size_t max_idle_;
  std::mutex mutex_;
  std::condition_variable nobody_reads_;
  std::vector<std::unique_ptr<SqliteTx>> idle_;
  std::size_t in_use_ = 0;
  bool closed_ = false;
};

}  // namespace latchkey::storage::sqlite
