#include "storage/sqlite/reader_pool.h"

namespace latchkey::storage::sqlite {

void ReaderPool::run(base::FunctionRef<void(SqliteTx&)> work) {
  std::unique_ptr<SqliteTx> reader = take();
  try {
    if (reader == nullptr) reader = std::make_unique<SqliteTx>(options_);
    reader->begin_read.run();
    work(*reader);
    reader->commit.run();
  } catch (const base::InfraError&) {
    give_back(nullptr);  // the next reader starts on a fresh connection
    throw;
  } catch (...) {
    if (!reader->connection.roll_back()) reader.reset();
    give_back(std::move(reader));
    throw;
  }
  give_back(std::move(reader));
}

std::unique_ptr<SqliteTx> ReaderPool::take() {
  const std::lock_guard lock(mutex_);
  if (closed_) throw base::InfraError(base::ErrorCode::storage_unavailable, "the store is closed");
  ++in_use_;
  if (idle_.empty()) return nullptr;
  std::unique_ptr<SqliteTx> reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

void ReaderPool::give_back(std::unique_ptr<SqliteTx> reader) {
  const std::lock_guard lock(mutex_);
  if (reader != nullptr && idle_.size() < max_idle_) idle_.push_back(std::move(reader));
  if (--in_use_ == 0 && closed_) nobody_reads_.notify_all();
}

void ReaderPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  nobody_reads_.wait(lock, [&] { return in_use_ == 0; });
  idle_.clear();
}

}  // namespace latchkey::storage::sqlite
