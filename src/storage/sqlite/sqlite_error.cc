#include "storage/sqlite/sqlite_error.h"

#include <fmt/format.h>

namespace latchkey::storage::sqlite {
namespace {

base::ErrorCode to_error_code(int extended_code) {
  switch (extended_code & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return base::ErrorCode::internal_error;
    default:
      return base::ErrorCode::storage_unavailable;
  }
}

// A sentence for the person at the keyboard.
std::string advice(int primary_code, std::string_view file) {
  switch (primary_code) {
    case SQLITE_FULL:
      return fmt::format("The disk with the database {} is full. Make room and start again.", file);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format(
          "The database {} is locked by another program. End that program (a backup, a database browser) and "
          "start again.",
          file);
    case SQLITE_NOTADB:
      return fmt::format(
          "The file {} is not a database of Latchkey, or it is damaged. Name another file, or restore this "
          "one from a backup.",
          file);
    case SQLITE_CORRUPT:
      return fmt::format("The database {} is damaged. Restore it from a backup.", file);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return fmt::format(
          "The database {} cannot be written. Let the user that runs Latchkey write the file and its folder.",
          file);
    case SQLITE_CANTOPEN:
      return fmt::format(
          "The database {} cannot be opened. It must be a file in a folder that exists and that the user who "
          "runs Latchkey may write.",
          file);
    case SQLITE_IOERR:
      return fmt::format(
          "Reading or writing the database {} failed. Check the disk and the limits on file sizes, and start "
          "again.",
          file);
    default:
      return fmt::format("The database {} cannot be used. The log says why.", file);
  }
}

}  // namespace

SqliteError::SqliteError(int extended_code, std::string_view doing, std::string_view sqlite_message)
    : InfraError(to_error_code(extended_code),
                 fmt::format("sqlite: {} (code {}) in: {}", sqlite_message, extended_code, doing)),
      extended_code_(extended_code) {}

void throw_last_error(sqlite3* handle, std::string_view doing) {
  throw SqliteError(sqlite3_extended_errcode(handle), doing, sqlite3_errmsg(handle));
}

base::Error explain_open_failure(const SqliteError& error, std::string_view file) {
  return {.code = base::ErrorCode::storage_unavailable,
          .detail = error.what(),
          .message = advice(error.primary_code(), file)};
}

}  // namespace latchkey::storage::sqlite
