#include "storage/sqlite/sqlite_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "storage/migrations.h"
#include "storage/sqlite/database_file.h"

namespace latchkey::storage::sqlite {
namespace {

using base::ErrorCode;
using base::InfraError;
using transfer::Batch;
using transfer::Column;
using transfer::Key;
using transfer::Kind;
using transfer::Mark;
using transfer::Table;
using transfer::Use;
using transfer::Value;

// So that the log stays short while a million rows go into it.
constexpr const char* kCheckpointByItself = "PRAGMA wal_autocheckpoint = 2000";

// A statement about a table that is known only now, with as many values as the table has columns.
class RowStatement {
 public:
  RowStatement(Connection& connection, std::string sql) : connection_(connection), sql_(std::move(sql)) {
    check(sqlite3_prepare_v3(connection.handle(), sql_.c_str(), -1, 0, &handle_, nullptr));
  }
  RowStatement(const RowStatement&) = delete;
  RowStatement& operator=(const RowStatement&) = delete;
  ~RowStatement() { sqlite3_finalize(handle_); }

  // The next parameter. Bytes are borrowed until the run ends.
  void bind(Kind kind, const Value& value) {
    const int at = ++bound_;
    if (value.is_null) return check(sqlite3_bind_null(handle_, at));
    if (kind == Kind::integer) return check(sqlite3_bind_int64(handle_, at, value.number));
    const char* const data = value.bytes.data() == nullptr ? "" : value.bytes.data();
    const auto size = static_cast<int>(value.bytes.size());
    check(kind == Kind::text ? sqlite3_bind_text(handle_, at, data, size, nullptr)
                             : sqlite3_bind_blob(handle_, at, data, size, nullptr));
  }
  bool step() {
    const int code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) throw_last_error(connection_.handle(), sql_);
    return code == SQLITE_ROW;
  }
  // Ready for the next run.
  void reset() {
    sqlite3_reset(handle_);
    bound_ = 0;
  }
  void take_value(int column, Kind kind, Batch& out) {
    if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return out.add_null();
    if (kind == Kind::integer) return out.add_number(sqlite3_column_int64(handle_, column));
    const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    const std::string_view bytes(data == nullptr ? "" : data,
                                 static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
    if (kind == Kind::text) {
      out.add_text(bytes);
    } else {
      out.add_bytes(bytes);
    }
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw_last_error(connection_.handle(), sql_);
  }
  Connection& connection_;
  const std::string sql_;
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

std::string key_columns(const Table& table) {
  std::string text;
  for (const std::size_t column : table.key)
    text.append(text.empty() ? "" : ", ").append(transfer::quoted(table.columns[column].name));
  return text;
}

std::string question_marks(std::size_t count) {
  std::string text = "?";
  for (std::size_t i = 1; i < count; ++i) text += ", ?";
  return text;
}

Kind kind_of(const std::string& table, const std::string& type) {
  if (type == "INTEGER") return Kind::integer;
  if (type == "TEXT") return Kind::text;
  if (type == "BLOB") return Kind::bytes;
  throw InfraError(ErrorCode::internal_error, fmt::format("a column of {} has the type {}", table, type));
}

struct KeyedColumn {
  Column column;
  std::int64_t place_in_key;  // from 1; zero: not in it
};

std::vector<KeyedColumn> read_table(Connection& connection, const std::string& table) {
  std::vector<KeyedColumn> columns;
  Statement statement(connection, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)");
  Query row = statement.bind(table);
  while (row.step()) {
    std::string name = row.text();
    const Kind kind = kind_of(table, row.text());
    const bool may_be_null = !row.flag();
    const std::int64_t place = row.integer();
    columns.push_back({.column = {.name = std::move(name),
                                  .kind = kind,
                                  .may_be_null = may_be_null,
                                  .is_in_key = place > 0},
                       .place_in_key = place});
  }
  return columns;
}

class SqliteSnapshot final : public transfer::Snapshot {
 public:
  explicit SqliteSnapshot(Connection& connection) : connection_(connection) { connection_.execute("BEGIN"); }
  SqliteSnapshot(const SqliteSnapshot&) = delete;
  SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;
  ~SqliteSnapshot() override { connection_.roll_back(); }

  std::uint64_t count(const Table& table) override {
    const std::string sql = fmt::format("SELECT count(*) FROM {}", transfer::quoted(table.name));
    return static_cast<std::uint64_t>(connection_.query_integer(sql.c_str()));
  }

  void read(const Table& table, const Key& after, std::uint32_t limit, Batch& out) override {
    const std::string key = key_columns(table);
    const std::string behind =
        after.empty() ? std::string()
                      : fmt::format("WHERE ({}) > ({}) ", key, question_marks(after.parts.size()));
    RowStatement rows(connection_,
                      fmt::format("SELECT {} FROM {} {}ORDER BY {} LIMIT {}", transfer::quoted_columns(table),
                                  transfer::quoted(table.name), behind, key, limit));
    for (std::size_t i = 0; i < after.parts.size(); ++i)
      rows.bind(table.columns[table.key[i]].kind, after.value(i));
    out.start(table.columns.size());
    while (rows.step()) {
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        rows.take_value(static_cast<int>(i), table.columns[i].kind, out);
    }
  }

 private:
  Connection& connection_;
};

class SqliteTransfer final : public transfer::Target {
 public:
  SqliteTransfer(std::unique_ptr<SqliteTx> tx, std::string name, const base::Clock& clock,
                 base::Logger& logger)
      : tx_(std::move(tx)),
        connection_(tx_->connection),
        name_(std::move(name)),
        clock_(clock),
        logger_(logger) {}

  const std::string& name() const override { return name_; }
  base::Result<std::vector<Migration>> missing_migrations() override {
    return plan_migrations(sqlite_migrations(), read_applied(connection_));
  }
  std::vector<Column> read_columns(const std::string& table) override {
    std::vector<Column> columns;
    for (KeyedColumn& column : read_table(connection_, table)) columns.push_back(std::move(column.column));
    return columns;
  }
  std::optional<std::vector<Mark>> read_marks() override {
    if (!has_table(connection_, transfer::kMarkTable)) return std::nullopt;
    std::vector<Mark> marks;
    Statement statement(connection_, transfer::kSelectMarks);
    Query row = statement.bind();
    while (row.step()) marks.push_back(transfer::read_mark(row));
    return marks;
  }
  std::unique_ptr<transfer::Snapshot> open_snapshot() override {
    return std::make_unique<SqliteSnapshot>(connection_);
  }

  base::Result<void> make_tables() override {
    return migrate(connection_, sqlite_migrations(), clock_, logger_);
  }

  // Nobody else can have the file open: an earlier move has ended.
  bool begin(std::span<const Mark> marks, std::span<const Table> to_empty) override {
    return in_transaction([&] {
      connection_.execute(transfer::kMakeMarkTable);
      for (const Table& table : to_empty | std::views::reverse)
        connection_.execute(fmt::format("DELETE FROM {}", transfer::quoted(table.name)).c_str());
      connection_.execute("DELETE FROM unfinished_move");
      Statement insert(
          connection_,
          "INSERT INTO unfinished_move (table_name, source_rows, source_checksum, rows_done, attempt) "
          "VALUES (?, ?, ?, ?, 1)");
      for (const Mark& mark : marks) {
        insert.run(mark.table, mark.rows, mark.checksum, mark.done);
        const std::string rows = fmt::format("SELECT count(*) FROM {}", transfer::quoted(mark.table));
        if (mark.done == 0 && connection_.query_integer(rows.c_str()) > 0) return false;
      }
      return true;
    });
  }

  void write(const Table& table, const Batch& batch, std::uint64_t done) override {
    in_transaction([&] {
      RowStatement insert(connection_,
                          fmt::format("INSERT INTO {} ({}) VALUES ({})", transfer::quoted(table.name),
                                      transfer::quoted_columns(table), question_marks(table.columns.size())));
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        for (std::size_t i = 0; i < table.columns.size(); ++i)
          insert.bind(table.columns[i].kind, batch.value(row, i));
        insert.step();
        insert.reset();
      }
      Statement(connection_, "UPDATE unfinished_move SET rows_done = ? WHERE table_name = ?")
          .run(done, table.name);
      return true;
    });
  }

  Key last_key(const Table& table) override {
    std::string newest_first;
    for (const std::size_t column : table.key) {
      newest_first.append(newest_first.empty() ? "" : ", ")
          .append(transfer::quoted(table.columns[column].name))
          .append(" DESC");
    }
    RowStatement last(connection_,
                      fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT 1", transfer::quoted_columns(table),
                                  transfer::quoted(table.name), newest_first));
    if (!last.step()) return {};
    Batch batch;
    batch.start(table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      last.take_value(static_cast<int>(i), table.columns[i].kind, batch);
    return batch.last_key(table);
  }

  void give_up(std::span<const std::string> tables) override {
    in_transaction([&] {
      Statement forget(connection_, "UPDATE unfinished_move SET source_checksum = '' WHERE table_name = ?");
      for (const std::string& table : tables) forget.run(table);
      return true;
    });
  }

  void finish() override { connection_.execute(transfer::kDropMarkTable); }

 private:
  // `work` says whether to keep what it did.
  template <class Work>
  bool in_transaction(Work&& work) {
    connection_.execute("BEGIN IMMEDIATE");
    try {
      if (!work()) {
        connection_.roll_back();
        return false;
      }
      connection_.execute("COMMIT");
      return true;
    } catch (...) {
      connection_.roll_back();
      throw;
    }
  }

  const std::unique_ptr<SqliteTx> tx_;
  Connection& connection_;
  const std::string name_;
  const base::Clock& clock_;
  base::Logger& logger_;
};

base::Error in_use(const std::filesystem::path& file, const std::string& detail) {
  return {.code = ErrorCode::storage_unavailable,
          .detail = detail,
          .message = fmt::format(
              "The database {} is in use. Stop the Latchkey server, or whatever else has it open, and "
              "run this again: what is written meanwhile would be lost.",
              file.string())};
}

}  // namespace

base::Result<std::unique_ptr<transfer::Target>> open_transfer(const TransferSettings& settings,
                                                              const base::Clock& clock,
                                                              base::Logger& logger) {
  std::error_code ignored;
  ConnectionOptions options{.file = settings.file,
                            .vfs = settings.vfs,
                            .busy_timeout = base::Milliseconds(0),
                            .cache_kib = 16 * 1024,
                            .exclusive = settings.use != Use::look};
  if (settings.use == Use::target) {
    if (auto made = make_file_if_missing(settings.file); !made) return base::fail(std::move(made.error()));
  } else if (!std::filesystem::exists(settings.file, ignored)) {
    // As nothing has been made yet, an empty database stands for it.
    options.file = ":memory:";
  }
  try {
    // Apart from open_checked, because there a lock is anybody's.
    if (options.exclusive) Connection(options).query_integer("SELECT count(*) FROM sqlite_schema");
  } catch (const SqliteError& error) {
    if (error.primary_code() == SQLITE_BUSY) return base::fail(in_use(settings.file, error.what()));
    return base::fail(explain_open_failure(error, settings.file.string()));
  }
  auto tx = open_checked(options, settings.use == Use::target ? Opening::use : Opening::look);
  if (!tx) return base::fail(std::move(tx.error()));
  (*tx)->connection.execute(kCheckpointByItself);
  return std::make_unique<SqliteTransfer>(*std::move(tx), settings.file.string(), clock, logger);
}

std::vector<Table> tables_of_migrations() {
  Connection connection({.file = ":memory:", .durable = false});
  for (const Migration& step : sqlite_migrations()) connection.execute(std::string(step.sql).c_str());
  std::vector<Table> tables;
  {
    Statement names(
        connection,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE "
        "'sqlite_%' ORDER BY name");
    Query row = names.bind();
    while (row.step()) tables.push_back({.name = row.text(), .columns = {}, .key = {}, .refers_to = {}});
  }
  for (Table& table : tables) {
    const std::vector<KeyedColumn> columns = read_table(connection, table.name);
    for (const KeyedColumn& column : columns) table.columns.push_back(column.column);
    for (std::int64_t place = 1;; ++place) {
      const auto found = std::ranges::find(columns, place, &KeyedColumn::place_in_key);
      if (found == columns.end()) break;
      table.key.push_back(static_cast<std::size_t>(found - columns.begin()));
    }
    if (table.key.empty()) throw InfraError(ErrorCode::internal_error, table.name + " has no primary key");
    Statement references(connection, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?)");
    Query row = references.bind(table.name);
    while (row.step()) table.refers_to.push_back(row.text());
  }
  return in_order_of_reference(std::move(tables));
}

}  // namespace latchkey::storage::sqlite
