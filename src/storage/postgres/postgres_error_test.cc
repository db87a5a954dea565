#include "storage/postgres/postgres_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::storage::postgres {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;

ErrorCode code_of(std::string_view sqlstate) {
  return PostgresError(classify(sqlstate), sqlstate, "doing", "message").code();
}

TEST(PostgresError, every_sqlstate_has_one_meaning) {
  for (const char* state : {"40001", "40P01"}) EXPECT_EQ(classify(state), Failure::conflict) << state;
  for (const char* state :
       {"", "08000", "08006", "08P01", "57P01", "57P02", "57P03", "57P05", "25P03", "25006"}) {
    EXPECT_EQ(classify(state), Failure::lost) << state;
  }
  for (const char* state :
       {"53100", "53200", "53300", "57014", "55P03", "54000", "58030", "XX001", "28P01", "3D000"}) {
    EXPECT_EQ(classify(state), Failure::unavailable) << state;
  }
  for (const char* state : {"26000", "42P05"}) EXPECT_EQ(classify(state), Failure::stale_statement) << state;
  EXPECT_EQ(classify("23505"), Failure::taken);
  for (const char* state : {"23503", "23502", "22021", "42601", "42703", "22003"}) {
    EXPECT_EQ(classify(state), Failure::ours) << state;
  }
}

TEST(PostgresError, only_our_own_faults_are_internal_errors) {
  for (const char* state : {"", "40001", "53100", "57014", "57P01", "08006", "26000"}) {
    EXPECT_EQ(code_of(state), ErrorCode::storage_unavailable) << state;
  }
  for (const char* state : {"23503", "42601"}) EXPECT_EQ(code_of(state), ErrorCode::internal_error) << state;
}

TEST(PostgresError, advice_names_the_database_and_what_to_do) {
  const auto advice = [](std::string_view sqlstate, std::string_view message) {
    return explain_open_failure(PostgresError(classify(sqlstate), sqlstate, "connecting", message),
                                "database \"x\" on h")
        .message.value();
  };
  const std::pair<std::string_view, const char*> by_state[] = {
      {"28P01", "password"}, {"28000", "pg_hba.conf"}, {"3D000", "createdb"},        {"42501", "owner"},
      {"42P07", "its own"},  {"42703", "its own"},     {"53300", "max_connections"}, {"53100", "full"},
      {"57P03", "Wait"},     {"25006", "primary"},     {"0A000", "PostgreSQL 13"},   {"22021", "UTF8"},
      {"XX000", "log"}};
  for (const auto& [state, what] : by_state) {
    EXPECT_THAT(advice(state, "…"), HasSubstr(what)) << state;
    EXPECT_THAT(advice(state, "…"), HasSubstr("database \"x\" on h")) << state;
  }
  EXPECT_THAT(advice("", "Connection refused"), HasSubstr("does not answer"));
  EXPECT_THAT(advice("", "fe_sendauth: no password supplied"), HasSubstr("asks for a password"));
  EXPECT_THAT(advice("", "server does not support SSL, but SSL was required"), HasSubstr("TLS"));
  EXPECT_THAT(advice("", "SSL error: certificate verify failed"), HasSubstr("certificate"));
  EXPECT_THAT(advice("", "could not translate host name \"h\" to address"), HasSubstr("unknown"));
  EXPECT_THAT(advice("", "session is read-only"), HasSubstr("standby"));
}

}  // namespace
}  // namespace latchkey::storage::postgres
