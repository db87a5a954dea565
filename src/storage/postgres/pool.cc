#include "storage/postgres/pool.h"

#include <algorithm>
#include <utility>

namespace latchkey::storage::postgres {

using base::ErrorCode;
using base::InfraError;

namespace {

constexpr base::Milliseconds kFirstPause{50};
constexpr base::Milliseconds kLongestPause{1000};

}  // namespace

ConnectionPool::Lease ConnectionPool::take(Use use) {
  const auto give_up = clock_.steady_now() + limits_.acquire_timeout;
  std::unique_lock lock(mutex_);
  if (use == Use::write) refuse_second_write();
  for (;;) {
    if (closed_) throw InfraError(ErrorCode::storage_unavailable, "the store is closed");
    std::unique_ptr<PostgresTx> tx;
    if (!idle_.empty()) {
      tx = std::move(idle_.back());
      idle_.pop_back();
      if (!tx->connection.is_alive()) {
        --open_;
        lock.unlock();
        tx.reset();
        lock.lock();
        continue;
      }
    } else if (open_ < limits_.size && may_connect()) {
      ++open_;
      ++connecting_;
      ++in_use_;  // so that close() waits for it
      lock.unlock();
      try {
        tx = connect();
      } catch (const InfraError& error) {
        lock.lock();
        --open_;
        --connecting_;
        --in_use_;
        note_failure(error);
        changed_.notify_all();
        // Others may have a connection that can be waited for.
        if (open_ == 0 || closed_) throw;
        continue;
      }
      lock.lock();
      --connecting_;
      --in_use_;
      note_success();
    } else if (open_ == connecting_ && failures_ > 0) {
      throw InfraError(ErrorCode::storage_unavailable, "the database is away: " + last_failure_);
    } else {
      ++waiting_;
      const bool in_time =
          changed_.wait_for(lock, std::max(give_up - clock_.steady_now(), SteadyTime::duration::zero())) ==
          std::cv_status::no_timeout;
      --waiting_;
      if (!in_time && idle_.empty()) {
        throw InfraError(ErrorCode::overloaded, "no connection to the database was free in time");
      }
      continue;
    }
    ++in_use_;
    if (use == Use::write) writers_.push_back(std::this_thread::get_id());
    return {*this, use, std::move(tx)};
  }
}

void ConnectionPool::stop_preparing() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(options_.use_prepared_statements, false)) {
    logger_.warn("statements are no longer prepared: a pooler shares the database's sessions");
  }
}

std::uint64_t ConnectionPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void ConnectionPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return in_use_ == 0; });
  open_ -= static_cast<std::uint32_t>(idle_.size());
  idle_.clear();
}

bool ConnectionPool::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void ConnectionPool::give_back(std::unique_ptr<PostgresTx> tx, Use use) noexcept {
  const bool broken = tx->connection.is_broken();
  if (broken) tx.reset();
  const std::lock_guard lock(mutex_);
  --in_use_;
  if (broken) {
    --open_;
  } else {
    idle_.push_back(std::move(tx));
  }
  if (use == Use::write) writers_.erase(std::ranges::find(writers_, std::this_thread::get_id()));
  if (closed_) {
    changed_.notify_all();
  } else {
    changed_.notify_one();
  }
}

// It would wait for a connection while it holds one, and for rows that it has locked itself.
void ConnectionPool::refuse_second_write() const {
  if (std::ranges::find(writers_, std::this_thread::get_id()) != writers_.end()) {
    throw InfraError(ErrorCode::internal_error, "a write transaction inside a write transaction");
  }
}

std::unique_ptr<PostgresTx> ConnectionPool::connect() {
  const ConnectionOptions options = [&] {
    const std::lock_guard lock(mutex_);
    return options_;
  }();
  return std::make_unique<PostgresTx>(options, clock_);
}

bool ConnectionPool::may_connect() const {
  return failures_ == 0 || (connecting_ == 0 && clock_.steady_now() >= next_try_);
}

void ConnectionPool::note_success() {
  if (std::exchange(failures_, 0) > 0) logger_.notice("the database is back");
}

void ConnectionPool::note_failure(const InfraError& error) {
  if (failures_ == 0) logger_.error("the database cannot be reached", {{"detail", error.what()}});
  const auto pause = std::min(kFirstPause * (1 << std::min(failures_, 6U)), kLongestPause);
  ++failures_;
  next_try_ = clock_.steady_now() + pause;
  last_failure_ = error.what();
}

}  // namespace latchkey::storage::postgres
