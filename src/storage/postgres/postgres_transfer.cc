#include "storage/postgres/postgres_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "storage/migrations.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/copy_format.h"
#include "storage/postgres/libpq_loader.h"
#include "storage/postgres/schema.h"

namespace latchkey::storage::postgres {
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

// For one statement: emptying a large table, for one, or waiting for a transaction of a move that was cut
// off. Twice as long may the snapshot wait for the other end.
constexpr base::Milliseconds kPatienceWithStatement{600'000};

constexpr Statement kColumns(
    "SELECT a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull, EXISTS (SELECT FROM pg_index i WHERE "
    "i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)) FROM pg_attribute a WHERE "
    "a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum");
constexpr Statement kMarks(transfer::kSelectMarks);
constexpr Statement kLastAttempt("SELECT coalesce(max(attempt), 0) FROM unfinished_move");
constexpr Statement kAddMark(
    "INSERT INTO unfinished_move (table_name, source_rows, source_checksum, rows_done, attempt) VALUES ($1, "
    "$2, "
    "$3, $4, $5)");
constexpr Statement kSetDone(
    "UPDATE unfinished_move SET rows_done = $1 WHERE table_name = $2 AND attempt = $3");
constexpr Statement kForget(
    "UPDATE unfinished_move SET source_checksum = '' WHERE table_name = $1 AND attempt = $2");
constexpr Statement kCountMarks("SELECT count(*) FROM unfinished_move WHERE attempt = $1");
constexpr Statement kOtherSessions(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
    "'latchkey' AND "
    "pid <> pg_backend_pid()");

// Text in the order of its bytes, as in every other dialect.
std::string key_columns(const Table& table, std::string_view direction = {}) {
  std::string text;
  for (const std::size_t at : table.key) {
    const Column& column = table.columns[at];
    text.append(text.empty() ? "" : ", ").append(transfer::quoted(column.name));
    if (column.kind == Kind::text) text += " COLLATE \"C\"";
    text += direction;
  }
  return text;
}

struct TypedColumn {
  Column column;
  ColumnType type;
};

std::vector<TypedColumn> read_table(Connection& connection, const std::string& table) {
  std::vector<TypedColumn> columns;
  Rows row = connection.run(kColumns, transfer::quoted(table));
  while (row.step()) {
    std::string name = row.text();
    const ColumnType type = column_type(row.view());
    const bool may_be_null = row.flag();
    columns.push_back({.column = {.name = std::move(name),
                                  .kind = kind_of(type),
                                  .may_be_null = may_be_null,
                                  .is_in_key = row.flag()},
                       .type = type});
  }
  connection.finish_pipeline();
  return columns;
}

// In the order of `table`.
std::vector<ColumnType> types_of(Connection& connection, const Table& table) {
  const std::vector<TypedColumn> columns = read_table(connection, table.name);
  std::vector<ColumnType> types;
  for (const Column& column : table.columns) {
    const auto found =
        std::ranges::find(columns, column.name, [](const TypedColumn& typed) { return typed.column.name; });
    if (found == columns.end()) throw InfraError(ErrorCode::internal_error, table.name + " has changed");
    types.push_back(found->type);
  }
  return types;
}

void take_rows(Rows& row, const Table& table, Batch& out) {
  out.start(table.columns.size());
  while (row.step()) {
    for (const Column& column : table.columns) {
      if (column.kind == Kind::integer) {
        if (const auto number = row.optional_integer()) {
          out.add_number(*number);
        } else {
          out.add_null();
        }
      } else if (const auto bytes = row.optional_view(); !bytes) {
        out.add_null();
      } else if (column.kind == Kind::text) {
        out.add_text(*bytes);
      } else {
        out.add_bytes(*bytes);
      }
    }
  }
}

class PostgresSnapshot final : public transfer::Snapshot {
 public:
  // In words, also without a pooler: the transaction lasts long and waits for the other end.
  explicit PostgresSnapshot(Connection& connection) : connection_(connection) {
    connection_.run_script(
        fmt::format(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL "
            "idle_in_transaction_session_timeout = {}",
            kPatienceWithStatement.count(), 2 * kPatienceWithStatement.count()),
        kPatienceWithStatement);
  }
  PostgresSnapshot(const PostgresSnapshot&) = delete;
  PostgresSnapshot& operator=(const PostgresSnapshot&) = delete;
  ~PostgresSnapshot() override {
    if (connection_.is_broken()) return;
    try {
      connection_.run_script("ROLLBACK", kPatienceWithStatement);
    } catch (const PostgresError&) {
      return;  // the next use of the connection says so
    }
  }

  std::uint64_t count(const Table& table) override {
    const std::string sql = fmt::format("SELECT count(*) FROM {}", transfer::quoted(table.name));
    Rows row = connection_.run(Statement(sql.c_str()));
    row.step();
    return row.unsigned_integer<std::uint64_t>();
  }

  void read(const Table& table, const Key& after, std::uint32_t limit, Batch& out) override {
    Parameters parameters;
    std::string behind;
    std::vector<base::Uuid> ids(after.parts.size());
    for (std::size_t i = 0; i < after.parts.size(); ++i) {
      add_key_part(parameters, types(table)[table.key[i]], after.value(i), ids[i]);
      behind += fmt::format("{}${}", behind.empty() ? "" : ", ", i + 1);
    }
    if (!after.empty()) behind = fmt::format("WHERE ({}) > ({}) ", key_columns(table), behind);
    const std::string sql =
        fmt::format("SELECT {} FROM {} {}ORDER BY {} LIMIT {}", transfer::quoted_columns(table),
                    transfer::quoted(table.name), behind, key_columns(table), limit);
    Rows rows = connection_.run(Statement(sql.c_str()), parameters);
    take_rows(rows, table, out);
  }

 private:
  static void add_key_part(Parameters& parameters, ColumnType type, const Value& value, base::Uuid& id) {
    switch (type) {
      case ColumnType::uuid: {
        const auto parsed = base::Uuid::parse_bytes(value.bytes);
        if (!parsed) throw InfraError(ErrorCode::internal_error, "an id that is not a uuid");
        id = *parsed;
        return parameters.append(id);
      }
      case ColumnType::bytea:
        return parameters.append(Blob{value.bytes});
      case ColumnType::text:
        return parameters.append(value.bytes);
      case ColumnType::int8:
      case ColumnType::int2:
        return parameters.append(value.number);
      case ColumnType::boolean:
        return parameters.append(value.number != 0);
    }
  }
  const std::vector<ColumnType>& types(const Table& table) {
    auto found = types_.find(table.name);
    if (found == types_.end()) found = types_.emplace(table.name, types_of(connection_, table)).first;
    return found->second;
  }

  Connection& connection_;
  std::map<std::string, std::vector<ColumnType>> types_;
};

class PostgresTransfer final : public transfer::Target {
 public:
  PostgresTransfer(std::unique_ptr<Connection> connection, std::string name, const base::Clock& clock,
                   base::Logger& logger)
      : owned_(std::move(connection)),
        connection_(*owned_),
        name_(std::move(name)),
        clock_(clock),
        logger_(logger) {}

  const std::string& name() const override { return name_; }
  base::Result<std::vector<Migration>> missing_migrations() override {
    return plan_migrations(postgres_migrations(), read_applied(connection_));
  }
  std::vector<Column> read_columns(const std::string& table) override {
    std::vector<Column> columns;
    for (TypedColumn& typed : read_table(connection_, table)) columns.push_back(std::move(typed.column));
    return columns;
  }
  std::optional<std::vector<Mark>> read_marks() override {
    std::optional<std::vector<Mark>> marks;
    if (has_table(connection_, transfer::kMarkTable)) {
      marks.emplace();
      Rows row = connection_.run(kMarks);
      while (row.step()) marks->push_back(transfer::read_mark(row));
    }
    connection_.finish_pipeline();
    return marks;
  }
  std::unique_ptr<transfer::Snapshot> open_snapshot() override {
    return std::make_unique<PostgresSnapshot>(connection_);
  }

  base::Result<void> make_tables() override {
    return migrate(connection_, postgres_migrations(), clock_, logger_);
  }

  bool begin(std::span<const Mark> marks, std::span<const Table> to_empty) override {
    return in_transaction([&] {
      // The number of the attempt is what keeps a move off that began earlier.
      attempt_ = 1;
      if (has_table(connection_, transfer::kMarkTable)) {
        Rows last = connection_.run(kLastAttempt);
        last.step();
        attempt_ = last.integer() + 1;
      }
      std::string script = fmt::format("{}; DELETE FROM unfinished_move", transfer::kMakeMarkTable);
      std::string names;
      for (const Table& table : to_empty)
        names.append(names.empty() ? "" : ", ").append(transfer::quoted(table.name));
      if (!names.empty()) script += "; TRUNCATE " + names;
      connection_.run_script(script, kPatienceWithStatement);
      for (const Mark& mark : marks) {
        connection_.run(kAddMark, mark.table, mark.rows, mark.checksum, mark.done, attempt_);
        if (mark.done > 0) continue;
        const std::string sql = fmt::format("SELECT EXISTS (SELECT FROM {})", transfer::quoted(mark.table));
        Rows row = connection_.run(Statement(sql.c_str()));
        row.step();
        if (row.flag()) return false;
      }
      return true;
    });
  }

  void write(const Table& table, const Batch& batch, std::uint64_t done) override {
    auto& types = types_[table.name];
    if (types.empty()) types = types_of(connection_, table);
    const std::string data = to_copy_format(table, types, batch);
    in_transaction([&] {
      if (connection_.run(kSetDone, done, table.name, attempt_).changed() != 1) refuse_late_move();
      connection_.copy_in(fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", transfer::quoted(table.name),
                                      transfer::quoted_columns(table)),
                          data, kPatienceWithStatement);
      return true;
    });
  }

  Key last_key(const Table& table) override {
    const std::string sql =
        fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT 1", transfer::quoted_columns(table),
                    transfer::quoted(table.name), key_columns(table, " DESC"));
    Rows row = connection_.run(Statement(sql.c_str()));
    Batch batch;
    take_rows(row, table, batch);
    connection_.finish_pipeline();
    return batch.rows() == 0 ? Key() : batch.last_key(table);
  }

  void give_up(std::span<const std::string> tables) override {
    in_transaction([&] {
      for (const std::string& table : tables) connection_.run(kForget, table, attempt_);
      return true;
    });
  }

  void finish() override {
    in_transaction([&] {
      Rows row = connection_.run(kCountMarks, attempt_);
      row.step();
      if (row.integer() == 0) refuse_late_move();
      connection_.run_script(transfer::kDropMarkTable, kPatienceWithStatement);
      return true;
    });
    // Otherwise plans are made for empty tables until autovacuum comes by.
    connection_.run_script("ANALYZE", kPatienceWithStatement);
  }

 private:
  [[noreturn]] static void refuse_late_move() {
    throw InfraError(ErrorCode::storage_unavailable, "another move into the same database has begun since");
  }
  // `work` says whether to keep what it did.
  template <class Work>
  bool in_transaction(Work&& work) {
    connection_.begin_write();
    try {
      if (!work()) {
        connection_.roll_back();
        return false;
      }
      connection_.commit();
      return true;
    } catch (...) {
      connection_.roll_back();
      throw;
    }
  }

  const std::unique_ptr<Connection> owned_;
  Connection& connection_;
  const std::string name_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::int64_t attempt_ = 0;
  std::map<std::string, std::vector<ColumnType>> types_;
};

// A session may stay listed for a moment after its program has ended.
bool is_used_by_others(Connection& connection) {
  constexpr int kLooks = 20;
  constexpr base::Milliseconds kPause{100};
  for (int look = 1;; ++look) {
    Rows row = connection.run(kOtherSessions);
    row.step();
    const bool is_used = row.integer() > 0;
    connection.finish_pipeline();
    if (!is_used || look == kLooks) return is_used;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

base::Result<std::unique_ptr<transfer::Target>> open_transfer(const TransferSettings& settings,
                                                              const base::Clock& clock,
                                                              base::Logger& logger) {
  if (auto loaded = load_libpq(); !loaded) return base::fail(std::move(loaded.error()));
  auto address = parse_address(settings.address.confidential_text(), settings.password);
  if (!address) return base::fail(std::move(address.error()));
  const std::string name = "the " + describe_target(*address);
  // So that this is not taken for a server.
  address->set_default("application_name", "latchkey migrate");
  try {
    const ConnectionOptions options{.address = *address,
                                    .connect_timeout = settings.connect_timeout,
                                    .statement_timeout = kPatienceWithStatement,
                                    .use_prepared_statements = false,
                                    .explains_failure = true};
    auto connection = std::make_unique<Connection>(options, clock);
    if (settings.use != Use::look && is_used_by_others(*connection)) {
      return base::fail(
          {.code = ErrorCode::storage_unavailable,
           .detail = "a server is connected",
           .message = fmt::format("A Latchkey server uses {}. Stop it and run this again: what is written "
                                  "meanwhile would be lost.",
                                  name)});
    }
    return std::make_unique<PostgresTransfer>(std::move(connection), name, clock, logger);
  } catch (const PostgresError& error) {
    return base::fail(explain_open_failure(error, describe_target(*address)));
  }
}

}  // namespace latchkey::storage::postgres
