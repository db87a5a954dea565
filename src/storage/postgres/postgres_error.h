// What PostgreSQL's SQLSTATEs mean to the rest of Latchkey.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/infra_error.h"
#include "base/result.h"

namespace latchkey::storage::postgres {

// What can be done about a failure.
enum class Failure : std::uint8_t {
  conflict,         // another transaction was in the way: the same work again may succeed
  lost,             // the connection is gone, and the transaction with it
  unavailable,      // the database cannot do it now: disk full, out of time, read-only, too many connections
  stale_statement,  // a prepared statement is missing or in the way: a pooler gave the session to others
  taken,            // a unique index has the value already
  ours,             // a broken constraint, a wrong statement
};

// The one place that says what a SQLSTATE means. Empty: there was none, the connection broke.
Failure classify(std::string_view sqlstate);

// A failure of the database or of the way to it. The code is storage_unavailable, or internal_error where the
// fault is ours.
class PostgresError final : public base::InfraError {
 public:
  // `doing` and `message` go into the log.
  PostgresError(Failure failure, std::string_view sqlstate, std::string_view doing, std::string_view message);
  Failure failure() const { return failure_; }
  const std::string& sqlstate() const { return sqlstate_; }
  const std::string& message() const { return message_; }

 private:
  Failure failure_;
  std::string sqlstate_;
  std::string message_;
};

// For the person who starts the server: why the database `target` (as describe_target names it) cannot be
// used, and what to do about it.
base::Error explain_open_failure(const PostgresError& error, std::string_view target);

}  // namespace latchkey::storage::postgres
