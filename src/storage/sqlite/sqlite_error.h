// What SQLite's result codes mean to the rest of Latchkey.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "base/infra_error.h"
#include "base/result.h"

namespace latchkey::storage::sqlite {

// A failure of SQLite. The code is storage_unavailable, or internal_error where the fault is ours (a broken
// constraint, a wrong statement).
class SqliteError final : public base::InfraError {
 public:
  // `extended_code` is one of SQLite's; `doing` goes into the log.
  SqliteError(int extended_code, std::string_view doing, std::string_view sqlite_message);
  int extended_code() const { return extended_code_; }
  int primary_code() const { return extended_code_ & 0xFF; }

 private:
  int extended_code_;
};

// Throws the last failure of `handle`.
[[noreturn]] void throw_last_error(sqlite3* handle, std::string_view doing);

// For the person who starts the server: what is wrong with the database file and what to do about it.
base::Error explain_open_failure(const SqliteError& error, std::string_view file);

}  // namespace latchkey::storage::sqlite
