#include "storage/postgres/postgres_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "storage/migrations.h"
#include "storage/postgres/batch_worker.h"
#include "storage/postgres/libpq_loader.h"
#include "storage/postgres/pool.h"
#include "storage/postgres/schema.h"
#include "storage/transfer/mark.h"

namespace latchkey::storage::postgres {
namespace {

using base::ErrorCode;
using base::InfraError;
using domain::SessionId;

// Conflicts end soon: each means that another transaction has got through.
constexpr int kMostConflicts = 20;
constexpr int kMostLosses = 2;
constexpr std::chrono::microseconds kPauseAfterConflict{200};

constexpr Statement kCheckHealth("SELECT count(*) FROM schema_migrations");

// Counts what went wrong in one transaction, and says whether to run it again.
class Retries {
 public:
  explicit Retries(ConnectionPool& pool) : pool_(pool) {}

  // `may_be_done`: COMMIT was sent.
  bool allow(const PostgresError& error, bool may_be_done) {
    switch (error.failure()) {
      case Failure::conflict:
        if (++conflicts_ > kMostConflicts) return false;
        // The first time at once; then later and later, so that many in one place come through one by one.
        if (conflicts_ > 1) std::this_thread::sleep_for(kPauseAfterConflict * (1 << std::min(conflicts_, 6)));
        return true;
      case Failure::stale_statement:
        pool_.stop_preparing();
        return ++losses_ <= kMostLosses;
      case Failure::lost:
        return !may_be_done && ++losses_ <= kMostLosses;
      case Failure::unavailable:
      case Failure::taken:
      case Failure::ours:
        return false;
    }
    return false;
  }

 private:
  ConnectionPool& pool_;
  int conflicts_ = 0;
  int losses_ = 0;
};

// An exception of one's own for each who is told: each is thrown on another thread.
std::exception_ptr copy_of(const InfraError& error) {
  return std::make_exception_ptr(InfraError(error.code(), error.what()));
}

class PostgresStore final : public domain::Store {
 public:
  PostgresStore(ConnectionOptions options, PoolLimits limits, const base::Clock& clock, base::Logger& logger)
      : pool_(std::move(options), limits, clock, logger) {}
  ~PostgresStore() override { PostgresStore::close(); }

  bool is_embedded() const override { return false; }
  domain::StoreStats stats() const override {
    const std::uint64_t commits = commits_.load(std::memory_order_relaxed);
    return {.commits = commits, .transactions = commits, .write_queue_length = pool_.waiting()};
  }
  void check_health() override {
    read_with([](PostgresTx& tx) { tx.connection.run(kCheckHealth); });
  }
  void close() override {
    lookups_.close();
    shared_.close();
    notes_.close();
    pool_.close();
  }
  void find_session_then(SessionId id, std::move_only_function<void(FoundSession)> done) override {
    lookups_.put({id, std::move(done)});
  }

 protected:
  void run_read(base::FunctionRef<void(const domain::Tx&)> work) override {
    read_with([&](PostgresTx& tx) { work(tx); });
  }

  void run_write(base::FunctionRef<bool(domain::Tx&)> work) override {
    notes_.wait_for_queued();
    write_with(work);
  }

  // At once: on the calling thread, a lane's, which may wait.
  void queue_write(std::unique_ptr<domain::PendingWrite> write, domain::CommitTiming timing) override {
    if (timing == domain::CommitTiming::shared) return shared_.put(std::move(write));
    if (pool_.is_closed()) throw InfraError(ErrorCode::storage_unavailable, "the store is closed");
    notes_.wait_for_queued();
    write_alone(*write);
  }

  void queue_note(std::unique_ptr<domain::PendingWrite> note) override { notes_.put(std::move(note)); }

 private:
  struct Lookup {
    SessionId id;
    std::move_only_function<void(FoundSession)> done;
  };
  using Write = std::unique_ptr<domain::PendingWrite>;
  static constexpr std::size_t kLargestBatch = 64;
  static constexpr std::size_t kLongestQueue = 4096;
  static constexpr base::Milliseconds kNoHold{0};
  // As long as SQLite's writer holds such writes back.
  static constexpr base::Milliseconds kHold{25};

  void look_up(std::vector<Lookup>& lookups) {
    std::map<SessionId, domain::SessionWithUser> found;
    try {
      std::vector<SessionId> ids;
      for (const Lookup& lookup : lookups) ids.push_back(lookup.id);
      read_with([&](PostgresTx& tx) {
        for (domain::SessionWithUser& one : tx.sessions().find_all_with_user(ids)) {
          const SessionId id = one.session.id;
          found.emplace(id, std::move(one));
        }
      });
    } catch (const InfraError& error) {
      for (Lookup& lookup : lookups) lookup.done(FoundSession(copy_of(error)));
      return;
    } catch (...) {
      for (Lookup& lookup : lookups) lookup.done(FoundSession(std::current_exception()));
      return;
    }
    for (Lookup& lookup : lookups) {
      const auto at = found.find(lookup.id);
      lookup.done(FoundSession(at == found.end() ? std::nullopt : std::optional(at->second)));
    }
  }

  void write_alone(domain::PendingWrite& write) {
    std::exception_ptr failure;
    try {
      write_with([&](domain::Tx& tx) { return write.run(tx); });
    } catch (...) {
      failure = std::current_exception();
    }
    write.finish(std::move(failure));
  }

  // All in one commit; when one of them has failed or is not to be kept, each in its own. When the database
  // has failed, whether they were written may not be known, so they are not run again.
  void write_together(std::vector<Write>& writes) {
    if (writes.size() == 1) return write_alone(*writes.front());
    bool kept = false;
    try {
      write_with([&](domain::Tx& tx) {
        kept = std::ranges::all_of(writes, [&](const Write& write) { return write->run(tx); });
        return kept;
      });
    } catch (const InfraError& error) {
      if (error.code() != ErrorCode::internal_error) {
        for (const Write& write : writes) write->finish(copy_of(error));
        return;
      }
      kept = false;
    } catch (...) {
      kept = false;
    }
    for (const Write& write : writes) kept ? write->finish(nullptr) : write_alone(*write);
  }

  void write_with(base::FunctionRef<bool(domain::Tx&)> work) {
    for (Retries retries(pool_);;) {
      auto lease = pool_.take(ConnectionPool::Use::write);
      Connection& connection = lease->connection;
      bool committing = false;
      connection.begin_write();
      try {
        if (!work(*lease)) {
          connection.roll_back();
          return;
        }
        committing = true;
        connection.commit();
        commits_.fetch_add(1, std::memory_order_relaxed);
        return;
      } catch (const PostgresError& error) {
        connection.roll_back();
        if (!retries.allow(error, committing)) throw;
      } catch (...) {
        connection.roll_back();
        throw;
      }
    }
  }

  void read_with(base::FunctionRef<void(PostgresTx&)> work) {
    for (Retries retries(pool_);;) {
      auto lease = pool_.take(ConnectionPool::Use::read);
      Connection& connection = lease->connection;
      connection.begin_read();
      try {
        work(*lease);
        connection.end_read();
        return;
      } catch (const PostgresError& error) {
        connection.roll_back();
        // Nothing has been read yet, so that reading anew is the same read.
        if (connection.has_answered() || !retries.allow(error, false)) throw;
      } catch (...) {
        connection.roll_back();
        throw;
      }
    }
  }

  ConnectionPool pool_;
  std::atomic<std::uint64_t> commits_ = 0;
  BatchWorker<Lookup> lookups_{"lookups", kLargestBatch, kLongestQueue, kNoHold,
                               [this](std::vector<Lookup>& lookups) { look_up(lookups); }};
  BatchWorker<Write> notes_{"notes", kLargestBatch, kLongestQueue, kNoHold,
                            [this](std::vector<Write>& notes) { write_together(notes); }};
  BatchWorker<Write> shared_{"writes", kLargestBatch, kLongestQueue, kHold,
                             [this](std::vector<Write>& writes) { write_together(writes); }};
};

ConnectionOptions pool_options(const PostgresSettings& settings, Address address, bool session_is_shared) {
  const bool prepares = settings.prepared_statements == PreparedStatements::always ||
                        (settings.prepared_statements == PreparedStatements::automatic && !session_is_shared);
  return {.address = std::move(address),
          .connect_timeout = settings.connect_timeout,
          .statement_timeout = settings.statement_timeout,
          .use_prepared_statements = prepares};
}

// For the schema: steps may take their time.
Connection connect_for_schema(const PostgresSettings& settings, const Address& address,
                              const base::Clock& clock) {
  return Connection({.address = address,
                     .connect_timeout = settings.connect_timeout,
                     .statement_timeout = base::Milliseconds(0),
                     .use_prepared_statements = false,
                     .explains_failure = true},
                    clock);
}

void note_connection(const Connection& connection, const Address& address, base::Logger& logger) {
  logger.info("database opened", {{"target", describe_target(address)},
                                  {"version", connection.server_version()},
                                  {"encrypted", connection.is_encrypted() ? "yes" : "no"},
                                  {"pooler", connection.session_is_shared() ? "yes" : "no"}});
  if (!connection.is_encrypted() && !connection.is_local()) {
    logger.warn("the connection to the database is not encrypted",
                {{"hint", "add sslmode=verify-full, or at least sslmode=require, to the address"}});
  }
}

}  // namespace

base::Result<std::unique_ptr<domain::Store>> open_postgres_store(const PostgresSettings& settings,
                                                                 const base::Clock& clock,
                                                                 base::Logger& logger) {
  if (auto loaded = load_libpq(); !loaded) return base::fail(std::move(loaded.error()));
  auto address = parse_address(settings.address.confidential_text(), settings.password);
  if (!address) return base::fail(std::move(address.error()));
  try {
    Connection connection = connect_for_schema(settings, *address, clock);
    note_connection(connection, *address, logger);
    if (has_table(connection, transfer::kMarkTable))
      return transfer::refuse_half_moved("the " + describe_target(*address));
    if (settings.migrations == MigrationMode::apply) {
      if (auto migrated = migrate(connection, postgres_migrations(), clock, logger); !migrated) {
        return base::fail(std::move(migrated.error()));
      }
    } else {
      auto missing = plan_migrations(postgres_migrations(), read_applied(connection));
      if (!missing) return base::fail(std::move(missing.error()));
      if (!missing->empty()) {
        return base::fail({.code = ErrorCode::storage_unavailable,
                           .detail = "migrations are missing",
                           .message = fmt::format("The {} lacks migration {} ({}). Run latchkey migrate.",
                                                  describe_target(*address), missing->front().number,
                                                  missing->front().name)});
      }
    }
    return std::make_unique<PostgresStore>(
        pool_options(settings, *address, connection.session_is_shared()),
        PoolLimits{.size = settings.pool_size, .acquire_timeout = settings.acquire_timeout}, clock, logger);
  } catch (const PostgresError& error) {
    return base::fail(explain_open_failure(error, describe_target(*address)));
  }
}

base::Result<std::vector<MigrationStatus>> read_postgres_migrations(const PostgresSettings& settings,
                                                                    const base::Clock& clock) {
  if (auto loaded = load_libpq(); !loaded) return base::fail(std::move(loaded.error()));
  auto address = parse_address(settings.address.confidential_text(), settings.password);
  if (!address) return base::fail(std::move(address.error()));
  try {
    Connection connection = connect_for_schema(settings, *address, clock);
    const std::vector<AppliedMigration> applied = read_applied(connection);
    if (auto plan = plan_migrations(postgres_migrations(), applied); !plan) return base::fail(plan.error());
    std::vector<MigrationStatus> steps;
    for (const Migration& step : postgres_migrations()) {
      steps.push_back({.number = step.number,
                       .name = std::string(step.name),
                       .is_applied = step.number <= applied.size()});
    }
    return steps;
  } catch (const PostgresError& error) {
    return base::fail(explain_open_failure(error, describe_target(*address)));
  }
}

}  // namespace latchkey::storage::postgres
