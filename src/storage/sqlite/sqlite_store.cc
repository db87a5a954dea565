#include "storage/sqlite/sqlite_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "storage/migrations.h"
#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/database_file.h"
#include "storage/sqlite/reader_pool.h"
#include "storage/sqlite/writer.h"
#include "storage/transfer/mark.h"

namespace latchkey::storage::sqlite {
namespace {

using base::ErrorCode;
using base::InfraError;

// A folder on the memory file system, for a database without a file.
class MemoryFolder {
 public:
  static base::Result<std::unique_ptr<MemoryFolder>> make() {
    std::error_code no_memory_file_system;
    const std::filesystem::path parent =
        std::filesystem::is_directory("/dev/shm", no_memory_file_system) ? "/dev/shm" : "/tmp";
    std::string path = (parent / "latchkey-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return base::fail({.code = ErrorCode::storage_unavailable,
                         .detail = "mkdtemp failed",
                         .message = fmt::format("No folder could be made in {}.", parent.string())});
    }
    return std::make_unique<MemoryFolder>(std::move(path));
  }
  explicit MemoryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  ~MemoryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path file() const { return path_ / "latchkey.db"; }

 private:
  std::filesystem::path path_;
};

// SQLite counts every allocation under one mutex by default; nobody here asks for the count. This can only be
// set before SQLite is first used, and only for the whole process.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

ConnectionOptions connection_options(const SqliteSettings& settings, const MemoryFolder* memory,
                                     std::uint32_t cache_kib) {
  return {.file = memory != nullptr ? memory->file() : *settings.file,
          .vfs = settings.vfs,
          .busy_timeout = settings.busy_timeout,
          .cache_kib = cache_kib,
          .durable = memory == nullptr};
}

class SqliteStore final : public domain::Store {
 public:
  SqliteStore(const SqliteSettings& settings, std::unique_ptr<MemoryFolder> memory,
              std::unique_ptr<SqliteTx> writer, base::Logger& logger)
      : memory_(std::move(memory)),
        readers_(connection_options(settings, memory_.get(), settings.reader_cache_kib),
                 settings.max_idle_readers),
        checkpointer_(connection_options(settings, memory_.get(), settings.reader_cache_kib),
                      settings.checkpoint_pages, logger),
        writer_(connection_options(settings, memory_.get(), settings.writer_cache_kib), std::move(writer),
                {.queue_length = settings.write_queue_length,
                 .batch_size = settings.write_batch_size,
                 .longest_hold = settings.longest_write_hold},
                checkpointer_) {}
  ~SqliteStore() override { SqliteStore::close(); }

  bool is_embedded() const override { return true; }
  domain::StoreStats stats() const override { return writer_.stats(); }

  void check_health() override {
    readers_.run([](SqliteTx& tx) {
      tx.connection.query_integer("SELECT count(*) FROM schema_migrations");
      int has_moved = 0;
      sqlite3_file_control(tx.connection.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
      if (has_moved != 0) {
        throw InfraError(ErrorCode::storage_unavailable, "the database file was moved or deleted");
      }
    });
  }

  // The last connection to close empties the log into the file and removes it.
  void close() override {
    writer_.stop();
    checkpointer_.stop();
    readers_.close();
  }

 protected:
  void run_read(base::FunctionRef<void(const domain::Tx&)> work) override {
    readers_.run([&](SqliteTx& tx) { work(tx); });
  }
  void run_write(base::FunctionRef<bool(domain::Tx&)> work) override { writer_.run(work); }
  void queue_write(std::unique_ptr<domain::PendingWrite> write, domain::CommitTiming timing) override {
    writer_.queue(std::move(write), timing);
  }

 private:
  const std::unique_ptr<MemoryFolder> memory_;
  ReaderPool readers_;
  Checkpointer checkpointer_;
  Writer writer_;
};

}  // namespace

base::Result<std::unique_ptr<domain::Store>> open_sqlite_store(const SqliteSettings& settings,
                                                               const base::Clock& clock,
                                                               base::Logger& logger) {
  configure_library();
  std::unique_ptr<MemoryFolder> memory;
  if (!settings.file) {
    auto made = MemoryFolder::make();
    if (!made) return base::fail(made.error());
    memory = *std::move(made);
  }
  const ConnectionOptions options = connection_options(settings, memory.get(), settings.writer_cache_kib);
  if (auto made = make_file_if_missing(options.file); !made) return base::fail(made.error());
  auto writer = open_checked(options);
  if (!writer) return base::fail(writer.error());
  try {
    Connection& connection = (*writer)->connection;
    if (has_table(connection, transfer::kMarkTable))
      return transfer::refuse_half_moved(options.file.string());
    if (settings.migrations == MigrationMode::apply) {
      if (auto migrated = migrate(connection, sqlite_migrations(), clock, logger); !migrated) {
        return base::fail(migrated.error());
      }
    } else {
      auto missing = plan_migrations(sqlite_migrations(), read_applied(connection));
      if (!missing) return base::fail(missing.error());
      if (!missing->empty()) {
        return base::fail(
            {.code = ErrorCode::storage_unavailable,
             .detail = "migrations are missing",
             .message = fmt::format("The database {} lacks migration {} ({}). Run latchkey migrate.",
                                    options.file.string(), missing->front().number, missing->front().name)});
      }
    }
    return std::make_unique<SqliteStore>(settings, std::move(memory), *std::move(writer), logger);
  } catch (const SqliteError& error) {
    return base::fail(explain_open_failure(error, options.file.string()));
  }
}

base::Result<std::vector<MigrationStatus>> read_sqlite_migrations(const SqliteSettings& settings) {
  configure_library();
  std::vector<AppliedMigration> applied;
  if (settings.file && std::filesystem::exists(*settings.file)) {
    auto tx = open_checked(connection_options(settings, nullptr, settings.reader_cache_kib));
    if (!tx) return base::fail(tx.error());
    applied = read_applied((*tx)->connection);
  }
  if (auto plan = plan_migrations(sqlite_migrations(), applied); !plan) return base::fail(plan.error());
  std::vector<MigrationStatus> steps;
  for (const Migration& step : sqlite_migrations()) {
    steps.push_back(
        {.number = step.number, .name = std::string(step.name), .is_applied = step.number <= applied.size()});
  }
  return steps;
}

}  // namespace latchkey::storage::sqlite
