// SQLite's connection and statements with owners, types and exceptions.
#pragma once

#include <sqlite3.h>

#include <cassert>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/uuid.h"
#include "storage/sqlite/sqlite_error.h"

namespace latchkey::storage::sqlite {

// How a connection behaves. The rest (WAL, foreign keys, erased pages overwritten) is the same for all.
struct ConnectionOptions {
  std::filesystem::path file;
  std::string vfs = {};                   // empty: the system's
  base::Milliseconds busy_timeout{5000};  // how long to wait for another process' lock
  std::uint32_t cache_kib = 1024;
  bool durable = true;  // a commit is on disk when it returns
  bool exclusive =
      false;  // nobody else may have the file open; SQLITE_BUSY, at the first use, when somebody has
};

// One connection to an existing file. Used by one thread at a time. Throws SqliteError.
class Connection {
 public:
  explicit Connection(const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close_v2(handle_); }

  // One or more statements; rows they return are dropped.
  void execute(const char* sql);
  // The first column of the first row, which must be there.
  std::int64_t query_integer(const char* sql);
  std::string query_text(const char* sql);
  // False outside a transaction, and after SQLite gave one up by itself (disk full, for one).
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  // Ends an open transaction, whatever happens. False when even that failed; then the connection is of no
  // use.
  bool roll_back() noexcept;
  // Rows the last INSERT, UPDATE or DELETE changed (foreign keys' work does not count).
  std::uint64_t changed_rows() const { return static_cast<std::uint64_t>(sqlite3_changes64(handle_)); }
  sqlite3* handle() { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

// Bytes, where text is meant to be TEXT.
struct Blob {
  std::string_view bytes;
};

// Types whose bytes a run would borrow from the value itself, so a temporary of them must not be bound.
template <class T>
inline constexpr bool kOwnsBytes = false;
template <>
inline constexpr bool kOwnsBytes<std::string> = true;
template <>
inline constexpr bool kOwnsBytes<base::Uuid> = true;
template <class Tag>
inline constexpr bool kOwnsBytes<base::Id<Tag>> = true;
template <class T>
inline constexpr bool kOwnsBytes<std::optional<T>> = kOwnsBytes<T>;

class Query;

// A statement of one connection: compiled when it is first used, kept until it goes. Must not outlive the
// connection.
class Statement {
 public:
  Statement(Connection& connection, const char* sql) : connection_(connection), sql_(sql) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(handle_); }

  // A run with these values for the parameters, in order. Text and blobs are borrowed until the run ends. One
  // run at a time.
  template <class... Values>
  Query bind(Values&&... values);
  // A run without rows.
  template <class... Values>
  void run(const Values&... values);

 private:
  friend class Query;
  sqlite3_stmt* prepared() { return handle_ != nullptr ? handle_ : prepare(); }
  sqlite3_stmt* prepare();

  Connection& connection_;
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
};

// One run of a statement. Reads columns from left to right, one call each. Resets the statement when it goes.
class Query {
 public:
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { sqlite3_reset(handle_); }

  // To the next row; false when there is none.
  bool step();
  // To the end.
  void finish() {
    while (step()) {
    }
  }
  // To the end. False, and nothing has changed, when a UNIQUE index has the value already.
  bool finish_unless_taken();

  std::int64_t integer() { return sqlite3_column_int64(handle_, column_++); }
  template <class T>
  T unsigned_integer() {
    return static_cast<T>(integer());
  }
  bool flag() { return integer() != 0; }
  base::Timestamp time() { return base::from_unix_ms(integer()); }
  std::optional<base::Timestamp> optional_time() {
    return next_is_null() ? std::nullopt : std::optional(time());
  }
  std::string text() { return std::string(view()); }
  std::optional<std::string> optional_text() { return next_is_null() ? std::nullopt : std::optional(text()); }
  // Valid until the next step.
  std::string_view view();
  template <class IdType>
  IdType id() {
    return IdType(uuid());
  }
  template <class IdType>
  std::optional<IdType> optional_id() {
    return next_is_null() ? std::nullopt : std::optional(id<IdType>());
  }

 private:
  friend class Statement;
  template <class... Values>
  explicit Query(Statement& statement, const Values&... values)
      : statement_(statement), handle_(statement.prepared()) {
    (add(values), ...);
    assert(bound_ == sqlite3_bind_parameter_count(handle_));
  }

  // Skips the column when it is NULL.
  bool next_is_null();
  base::Uuid uuid();

  void add(std::nullopt_t) { check(sqlite3_bind_null(handle_, ++bound_)); }
  void add(std::integral auto value) {
    check(sqlite3_bind_int64(handle_, ++bound_, static_cast<std::int64_t>(value)));
  }
  void add(base::Timestamp value) { add(base::to_unix_ms(value)); }
  void add(std::string_view value);
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(Blob value);
  void add(const base::Uuid& value) { add(Blob{value.as_string_view()}); }
  template <class Tag>
  void add(const base::Id<Tag>& value) {
    add(value.uuid());
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add(std::nullopt);
    }
  }
  void check(int code);
  [[noreturn]] void fail();

  Statement& statement_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
  int column_ = 0;
};

template <class... Values>
Query Statement::bind(Values&&... values) {
  // For an lvalue, Values is a reference.
  static_assert((!kOwnsBytes<Values> && ...), "the value is gone before the run begins: give it a name");
  return Query(*this, values...);
}

template <class... Values>
void Statement::run(const Values&... values) {
  bind(values...).finish();
}

}  // namespace latchkey::storage::sqlite
