// A bounded number of connections, handed to one thread at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "storage/postgres/transaction.h"

namespace latchkey::storage::postgres {

struct PoolLimits {
  std::uint32_t size;                  // connections
  base::Milliseconds acquire_timeout;  // patience when all are in use
};

// Connections are made when they are needed and kept. One that broke is dropped. While the database is away,
// one thread at a time tries to reach it, at growing distances up to a second, and the others hear so at
// once. Thread-safe.
class ConnectionPool {
 public:
  enum class Use : std::uint8_t { read, write };

  // A connection in use; goes back to the pool with the object.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(other.pool_), use_(other.use_), tx_(std::move(other.tx_)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (tx_ != nullptr) pool_.give_back(std::move(tx_), use_);
    }
    PostgresTx& operator*() { return *tx_; }
    PostgresTx* operator->() { return tx_.get(); }

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, Use use, std::unique_ptr<PostgresTx> tx)
        : pool_(pool), use_(use), tx_(std::move(tx)) {}
    ConnectionPool& pool_;
    Use use_;
    std::unique_ptr<PostgresTx> tx_;
  };

  // `clock` and `logger` must outlive the pool. Nothing is connected yet.
  ConnectionPool(ConnectionOptions options, PoolLimits limits, const base::Clock& clock, base::Logger& logger)
      : options_(std::move(options)), limits_(limits), clock_(clock), logger_(logger) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() { close(); }

  // Throws InfraError: storage_unavailable when closed or when the database is away, overloaded when all
  // connections stay in use, internal_error when this thread is writing already.
  Lease take(Use use);
  // From now on, new connections do not prepare statements.
  void stop_preparing();
  // Threads that wait for a connection.
  std::uint64_t waiting() const;
  // Refuses everything from now on, waits until all connections are back, and closes them. Idempotent.
  void close();
  bool is_closed() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // A thread that waits: for a connection that is handed to it, or for a word to look again.
  struct Waiter {
    std::condition_variable called;
    std::unique_ptr<PostgresTx> tx;
    bool looks_again = false;
  };

  // Takes an idle connection or makes one, and counts it as in use; nothing when there is none to be had now.
  std::unique_ptr<PostgresTx> find_or_connect(std::unique_lock<std::mutex>& lock);
  // A connection that is in use already, from whom gave it back; nothing: look again.
  std::unique_ptr<PostgresTx> wait_for_one(std::unique_lock<std::mutex>& lock, SteadyTime give_up);
  void call_first_waiter(std::unique_ptr<PostgresTx> tx);
  void call_all_waiters();
  void leave_use();
  void give_back(std::unique_ptr<PostgresTx> tx, Use use) noexcept;
  void refuse_second_write() const;
  std::unique_ptr<PostgresTx> connect();
  // Whether a thread may try to connect now.
  bool may_connect() const;
  void note_success();
  void note_failure(std::string_view why);

  ConnectionOptions options_;
  const PoolLimits limits_;
  const base::Clock& clock_;
  base::Logger& logger_;

  mutable std::mutex mutex_;
  std::condition_variable all_are_back_;
  std::vector<std::unique_ptr<PostgresTx>> idle_;  // the one used last is at the end
  std::uint32_t open_ = 0;                         // idle, in use or being made
  std::uint32_t in_use_ = 0;
  std::uint32_t connecting_ = 0;
  std::deque<Waiter*> waiters_;
  std::vector<std::thread::id> writers_;
  std::uint32_t failures_ = 0;  // to connect, one after the other
  SteadyTime next_try_;
  std::string last_failure_;
  bool closed_ = false;
};

}  // namespace latchkey::storage::postgres
