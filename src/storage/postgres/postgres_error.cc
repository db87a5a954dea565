#include "storage/postgres/postgres_error.h"

#include <fmt/format.h>

namespace latchkey::storage::postgres {
namespace {

base::ErrorCode to_error_code(Failure failure) {
  switch (failure) {
    case Failure::conflict:
    case Failure::lost:
    case Failure::unavailable:
    case Failure::stale_statement:
      return base::ErrorCode::storage_unavailable;
    case Failure::taken:
    case Failure::ours:
      return base::ErrorCode::internal_error;
  }
  return base::ErrorCode::internal_error;
}

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// For failures that libpq reports itself. Its texts are in English: nobody here sets a locale.
std::string advice_by_text(const std::string& message, std::string_view target) {
  if (mentions(message, "no password supplied")) {
    return fmt::format("The {} asks for a password. Set database.password, or put it into a file.", target);
  }
  if (mentions(message, "does not support SSL")) {
    return fmt::format(
        "TLS to the {} is required, but the server does not offer it. Switch TLS on there (ssl = on), or, on "
        "a "
        "network that you trust, say sslmode=disable in the address.",
        target);
  }
  if (mentions(message, "certificate")) {
    return fmt::format(
        "The TLS certificate of the {} cannot be trusted: the name or the issuer is not the expected one. "
        "Check "
        "sslmode and sslrootcert in the address.",
        target);
  }
  if (mentions(message, "could not translate host name")) {
    return fmt::format("The host of the {} is unknown. Check its name in the address.", target);
  }
  if (mentions(message, "read-only") || mentions(message, "hot standby")) {
    return fmt::format(
        "The {} is read-only: it is a standby. Name the primary server, or list several hosts in the address "
        "and the primary is found.",
        target);
  }
  return fmt::format(
      "The {} does not answer. Check that PostgreSQL runs there, listens, and that no firewall is between.",
      target);
}

std::string advice(const PostgresError& error, std::string_view target) {
  const std::string& state = error.sqlstate();
  if (state.empty() || state == "08001" || state == "08006") return advice_by_text(error.message(), target);
  if (state == "0A000") {
    return fmt::format("The {} is too old. Latchkey needs PostgreSQL 13 or later.", target);
  }
  if (state == "22021") {
    return fmt::format("The {} does not store UTF-8. Make one that does: createdb --encoding=UTF8 NAME.",
                       target);
  }
  if (state == "28P01") {
    return fmt::format("The {} refuses the password. Check the user's name and the password.", target);
  }
  if (state.starts_with("28")) {
    return fmt::format(
        "The {} refuses this user, or a connection without TLS, or the address it comes from. Look at "
        "pg_hba.conf on the server; if it has only hostssl lines, say sslmode=require in the address.",
        target);
  }
  if (state == "3D000") {
    return fmt::format("There is no such database: {}. Make it, for example with createdb --owner=USER NAME.",
                       target);
  }
  if (state == "42501" || state == "3F000") {
    return fmt::format(
        "The user may not make or use tables in the {}. Make the user its owner: ALTER DATABASE name OWNER "
        "TO "
        "user.",
        target);
  }
  if (state == "42P07" || state == "42703" || state == "42P01" || state == "42710") {
    return fmt::format(
        "The {} has tables of another program. Give Latchkey a database, or a schema, of its own.", target);
  }
  if (state == "53300") {
    return fmt::format(
        "The {} has no connection left. Raise max_connections on the server, or lower database.pool_size.",
        target);
  }
  if (state == "53100") {
    return fmt::format("The disk of the {} is full. Make room and start again.", target);
  }
  if (state == "57P03") {
    return fmt::format("The {} is starting up or shutting down. Wait a moment and start again.", target);
  }
  if (state == "25006") {
    return fmt::format("The {} is read-only. Name the primary server, or let the user write.", target);
  }
  return fmt::format("The {} cannot be used. The log says why.", target);
}

}  // namespace

Failure classify(std::string_view sqlstate) {
  if (sqlstate.empty()) return Failure::lost;
  if (sqlstate == "23505") return Failure::taken;
  if (sqlstate == "40001" || sqlstate == "40P01") return Failure::conflict;
  if (sqlstate == "26000" || sqlstate == "42P05") return Failure::stale_statement;
  // The plan of a prepared statement does not fit a table that was changed meanwhile.
  if (sqlstate == "0A000") return Failure::lost;
  if (sqlstate == "40003") return Failure::unavailable;  // whether it was written is unknown
  const std::string_view group = sqlstate.substr(0, 2);
  // Connection exceptions, and the server going away (57P01 to 57P05) or ending an idle transaction.
  if (group == "08" || sqlstate.starts_with("57P") || sqlstate == "25P03") return Failure::lost;
  // 25006: a primary that became a standby. The next connection looks for the primary.
  if (sqlstate == "25006") return Failure::lost;
  // Credentials, resources (disk full, connections), limits, cancelled or out of time (57014), no lock in
  // time (55P03), input/output errors, and what PostgreSQL calls internal (a damaged table, for one).
  if (group == "28" || group == "3D" || group == "53" || group == "54" || group == "55" || group == "57" ||
      group == "58" || group == "XX") {
    return Failure::unavailable;
  }
  return Failure::ours;
}

PostgresError::PostgresError(Failure failure, std::string_view sqlstate, std::string_view doing,
                             std::string_view message)
    : InfraError(to_error_code(failure),
                 fmt::format("postgres: {} ({}) in: {}", message,
                             sqlstate.empty() ? std::string_view("no SQLSTATE") : sqlstate, doing)),
      failure_(failure),
      sqlstate_(sqlstate),
      message_(message) {}

base::Error explain_open_failure(const PostgresError& error, std::string_view target) {
  return {
      .code = base::ErrorCode::storage_unavailable, .detail = error.what(), .message = advice(error, target)};
}

}  // namespace latchkey::storage::postgres
