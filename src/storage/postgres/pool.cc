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
  std::unique_lock lock(mutex_);
  if (use == Use::write) refuse_second_write();
  std::unique_ptr<PostgresTx> tx;
  if (waiters_.empty()) tx = find_or_connect(lock);
  if (tx == nullptr) {
    const SteadyTime give_up = clock_.steady_now() + limits_.acquire_timeout;
    while (tx == nullptr) {
      tx = wait_for_one(lock, give_up);
      if (tx == nullptr) tx = find_or_connect(lock);
    }
  }
  if (use == Use::write) writers_.push_back(std::this_thread::get_id());
  return {*this, use, std::move(tx)};
}

std::unique_ptr<PostgresTx> ConnectionPool::find_or_connect(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (closed_) throw InfraError(ErrorCode::storage_unavailable, "the store is closed");
    if (!idle_.empty()) {
      std::unique_ptr<PostgresTx> tx = std::move(idle_.back());
      idle_.pop_back();
      if (tx->connection.is_alive()) {
        ++in_use_;
        return tx;
      }
      --open_;
      lock.unlock();
      tx.reset();
      lock.lock();
      continue;
    }
    if (open_ == limits_.size || !may_connect()) {
      if (open_ == connecting_ && failures_ > 0) {
        call_all_waiters();
        throw InfraError(ErrorCode::storage_unavailable, "the database is away: " + last_failure_);
      }
      return nullptr;
    }
    ++open_;
    ++connecting_;
    ++in_use_;  // so that close() waits
    lock.unlock();
    std::unique_ptr<PostgresTx> tx;
    try {
      tx = connect();
    } catch (const std::exception& error) {
      lock.lock();
      --connecting_;
      --open_;
      leave_use();
      note_failure(error.what());
      if (open_ > 0) return nullptr;  // there is a connection that can be waited for
      call_all_waiters();
      throw;
    }
    lock.lock();
    --connecting_;
    note_success();
    return tx;
  }
}

std::unique_ptr<PostgresTx> ConnectionPool::wait_for_one(std::unique_lock<std::mutex>& lock,
                                                         SteadyTime give_up) {
  Waiter self;
  waiters_.push_back(&self);
  const auto patience = std::max(give_up - clock_.steady_now(), SteadyTime::duration::zero());
  if (!self.called.wait_for(lock, patience, [&] { return self.tx != nullptr || self.looks_again; })) {
    waiters_.erase(std::ranges::find(waiters_, &self));
    throw InfraError(ErrorCode::overloaded, "no connection to the database was free in time");
  }
  return std::move(self.tx);
}

void ConnectionPool::call_first_waiter(std::unique_ptr<PostgresTx> tx) {
  Waiter* const first = waiters_.front();
  waiters_.pop_front();
  first->tx = std::move(tx);
  first->looks_again = true;
  first->called.notify_one();
}

void ConnectionPool::call_all_waiters() {
  while (!waiters_.empty()) call_first_waiter(nullptr);
}

void ConnectionPool::stop_preparing() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(options_.use_prepared_statements, false)) {
    logger_.warn("statements are no longer prepared: a pooler shares the database's sessions");
  }
}

std::uint64_t ConnectionPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

void ConnectionPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  call_all_waiters();
  all_are_back_.wait(lock, [&] { return in_use_ == 0; });
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
  if (use == Use::write) writers_.erase(std::ranges::find(writers_, std::this_thread::get_id()));
  if (!broken && !waiters_.empty()) return call_first_waiter(std::move(tx));  // stays in use
  if (broken) {
    --open_;
    if (!waiters_.empty()) call_first_waiter(nullptr);
  } else {
    idle_.push_back(std::move(tx));
  }
  leave_use();
}

void ConnectionPool::leave_use() {
  if (--in_use_ == 0 && closed_) all_are_back_.notify_all();
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

void ConnectionPool::note_failure(std::string_view why) {
  if (failures_ == 0) logger_.error("the database cannot be reached", {{"detail", why}});
  const auto pause = std::min(kFirstPause * (1 << std::min(failures_, 6U)), kLongestPause);
  ++failures_;
  next_try_ = clock_.steady_now() + pause;
  last_failure_ = why;
}

}  // namespace latchkey::storage::postgres
