#include "storage/sqlite/connection.h"

#include <fmt/format.h>

#include <limits>

namespace latchkey::storage::sqlite {

Connection::Connection(const ConnectionOptions& options) {
  // The file is made by prepare_file(), with the right mode; so there is no SQLITE_OPEN_CREATE.
  const int code = sqlite3_open_v2(options.file.c_str(), &handle_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  try {
    if (handle_ == nullptr) throw SqliteError(SQLITE_NOMEM, "opening", "out of memory");
    if (code != SQLITE_OK) throw_last_error(handle_, "opening");
    sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // Has no effect on others unless it is said before the file is first read.
    if (options.exclusive) execute("PRAGMA locking_mode = EXCLUSIVE");
    // Checkpoints are the checkpointer's (checkpointer.h). secure_delete: a deleted hash is gone.
    execute(fmt::format("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
                        "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;"
                        "PRAGMA synchronous = {}; PRAGMA cache_size = -{}",
                        options.durable ? "FULL" : "OFF", options.cache_kib)
                .c_str());
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

void Connection::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw_last_error(handle_, sql);
}

std::int64_t Connection::query_integer(const char* sql) {
  Statement statement(*this, sql);
  Query query = statement.bind();
  query.step();
  return query.integer();
}

std::string Connection::query_text(const char* sql) {
  Statement statement(*this, sql);
  Query query = statement.bind();
  query.step();
  return query.text();
}

bool Connection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return !in_transaction();
}

sqlite3_stmt* Statement::prepare() {
  if (sqlite3_prepare_v3(connection_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) !=
      SQLITE_OK) {
    throw_last_error(connection_.handle(), sql_);
  }
  return handle_;
}

bool Query::step() {
  column_ = 0;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail();
  return false;
}

bool Query::finish_unless_taken() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_CONSTRAINT_UNIQUE) return false;
  if (code != SQLITE_DONE) fail();
  return true;
}

std::string_view Query::view() {
  const int column = column_++;
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

bool Query::next_is_null() {
  if (sqlite3_column_type(handle_, column_) != SQLITE_NULL) return false;
  ++column_;
  return true;
}

base::Uuid Query::uuid() {
  const auto found = base::Uuid::parse_bytes(view());
  if (!found) throw SqliteError(SQLITE_CORRUPT, statement_.sql_, "an id that is not 16 bytes long");
  return *found;
}

void Query::add(std::string_view value) {
  if (value.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) check(SQLITE_TOOBIG);
  check(sqlite3_bind_text(handle_, ++bound_, value.data() == nullptr ? "" : value.data(),
                          static_cast<int>(value.size()), nullptr));
}

void Query::add(Blob value) {
  if (value.bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) check(SQLITE_TOOBIG);
  check(sqlite3_bind_blob(handle_, ++bound_, value.bytes.data() == nullptr ? "" : value.bytes.data(),
                          static_cast<int>(value.bytes.size()), nullptr));
}

void Query::check(int code) {
  if (code != SQLITE_OK) throw SqliteError(code, statement_.sql_, sqlite3_errstr(code));
}

void Query::fail() { throw_last_error(statement_.connection_.handle(), statement_.sql_); }

}  // namespace latchkey::storage::sqlite
