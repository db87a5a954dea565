// Both dialects have the same tables, columns, types and indexes after migration, under the same names.
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/fakes.h"
#include "storage/migrations.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/testing/postgres_server.h"
#include "storage/sqlite/sqlite_store.h"

namespace latchkey::storage::postgres {
namespace {

using Row = std::vector<std::string>;
using testing::PostgresServer;

// What a column of SQLite's may be in PostgreSQL.
const std::map<std::string, std::set<std::string>> kTypes = {
    {"BLOB", {"uuid", "bytea"}}, {"TEXT", {"text"}}, {"INTEGER", {"bigint", "smallint", "boolean"}}};

class SqliteFile {
 public:
  explicit SqliteFile(const std::filesystem::path& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK);
  }
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile() { sqlite3_close(handle_); }

  std::vector<Row> query(const std::string& sql) const {
    std::vector<Row> rows;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      Row& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const auto* text = sqlite3_column_text(statement, i);
        row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
      }
    }
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  sqlite3* handle_ = nullptr;
};

std::vector<Row> query_postgres(const std::string& address, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(address.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  EXPECT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK) << PQerrorMessage(connection.get());
  std::vector<Row> rows;
  for (int r = 0; r < PQntuples(result.get()); ++r) {
    Row& row = rows.emplace_back();
    for (int c = 0; c < PQnfields(result.get()); ++c) row.emplace_back(PQgetvalue(result.get(), r, c));
  }
  return rows;
}

// Without the spaces, quotes and brackets in which the two databases differ when they repeat a condition.
std::string squeezed(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '(' || c == ')' || c == '"'; });
  return text;
}

class SchemaParity : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto file = folder_.path() / "latchkey.db";
    ASSERT_TRUE(sqlite::open_sqlite_store({.file = file}, clock_, *logger_));
    sqlite_ = std::make_unique<SqliteFile>(file);
    name_ = PostgresServer::shared().take_database();
    address_ = PostgresServer::shared().address(name_);
    ASSERT_TRUE(open_postgres_store({.address = base::Secret(address_)}, clock_, *logger_));
  }
  void TearDown() override { PostgresServer::shared().give_back_database(name_); }

  std::vector<Row> sqlite_rows(const std::string& sql) const { return sqlite_->query(sql); }
  std::vector<Row> postgres_rows(const std::string& sql) const { return query_postgres(address_, sql); }

  base::testing::TemporaryFolder folder_;
  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<SqliteFile> sqlite_;
  std::string name_, address_;
};

TEST_F(SchemaParity, migrations_have_the_same_numbers_and_names) {
  const auto sqlite = sqlite_migrations();
  const auto postgres = postgres_migrations();
  ASSERT_EQ(sqlite.size(), postgres.size());
  for (std::size_t i = 0; i < sqlite.size(); ++i) {
    EXPECT_EQ(sqlite[i].number, postgres[i].number);
    EXPECT_EQ(sqlite[i].name, postgres[i].name);
  }
}

TEST_F(SchemaParity, tables_columns_types_and_keys_are_the_same) {
  const auto ours = sqlite_rows(
      "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk > 0 FROM pragma_table_list AS t, "
      "pragma_table_info(t.name) AS c "
      "WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.name");
  const auto theirs = postgres_rows(
      "SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull::int, "
      "EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY "
      "(i.indkey))::int "
      "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = "
      "'public'::regnamespace "
      "AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname COLLATE \"C\", "
      "a.attname COLLATE \"C\"");
  ASSERT_GT(ours.size(), 40u);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const std::string column = ours[i][0] + "." + ours[i][1];
    EXPECT_EQ(column, theirs[i][0] + "." + theirs[i][1]);
    const auto types = kTypes.find(ours[i][2]);
    ASSERT_NE(types, kTypes.end()) << column << ' ' << ours[i][2];
    EXPECT_TRUE(types->second.contains(theirs[i][2])) << column << ' ' << theirs[i][2];
    EXPECT_EQ(ours[i][3], theirs[i][3]) << column << " NOT NULL";
    EXPECT_EQ(ours[i][4], theirs[i][4]) << column << " in the primary key";
  }
}

TEST_F(SchemaParity, indexes_are_the_same) {
  std::set<Row> ours;
  for (const Row& index :
       sqlite_rows("SELECT m.name, m.tbl_name, l.\"unique\", m.sql FROM sqlite_schema AS m "
                   "JOIN pragma_index_list(m.tbl_name) AS l ON l.name = m.name "
                   "WHERE m.type = 'index' AND m.sql IS NOT NULL")) {
    std::string columns;
    for (const Row& column :
         sqlite_rows("SELECT name FROM pragma_index_info('" + index[0] + "') ORDER BY seqno")) {
      columns += column[0] + ",";
    }
    const std::size_t where = index[3].find(" WHERE ");
    ours.insert({index[0], index[1], index[2], columns,
                 where == std::string::npos ? "" : squeezed(index[3].substr(where + 7))});
  }
  std::set<Row> theirs;
  for (const Row& index : postgres_rows("SELECT c.relname, t.relname, i.indisunique::int, (SELECT "
                                        "string_agg(a.attname || ',', '' ORDER BY k.at) "
                                        "FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, at) JOIN "
                                        "pg_attribute a ON a.attrelid = t.oid AND "
                                        "a.attnum = k.number), pg_get_expr(i.indpred, t.oid) FROM pg_index i "
                                        "JOIN pg_class c ON c.oid = i.indexrelid "
                                        "JOIN pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = "
                                        "'public'::regnamespace AND NOT i.indisprimary")) {
    theirs.insert({index[0], index[1], index[2], index[3], squeezed(index[4])});
  }
  EXPECT_GE(ours.size(), 7u);
  EXPECT_EQ(ours, theirs);
}

TEST_F(SchemaParity, foreign_keys_are_the_same) {
  std::set<Row> ours;
  for (const Row& key : sqlite_rows(
           "SELECT t.name, k.\"from\", k.\"table\", k.\"to\", k.on_delete FROM pragma_table_list AS t, "
           "pragma_foreign_key_list(t.name) AS k WHERE t.schema = 'main'")) {
    ours.insert(key);
  }
  std::set<Row> theirs;
  for (const Row& key : postgres_rows(
           "SELECT c.conrelid::regclass, a.attname, c.confrelid::regclass, b.attname, "
           "CASE c.confdeltype WHEN 'c' THEN 'CASCADE' ELSE c.confdeltype::text END FROM pg_constraint c "
           "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
           "JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] WHERE c.contype = "
           "'f'")) {
    theirs.insert(key);
  }
  EXPECT_GE(ours.size(), 2u);
  EXPECT_EQ(ours, theirs);
}

TEST_F(SchemaParity, what_does_not_distribute_is_not_used) {
  EXPECT_TRUE(postgres_rows("SELECT relname FROM pg_class WHERE relkind = 'S'").empty()) << "sequences";
  EXPECT_TRUE(postgres_rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").empty()) << "triggers";
  EXPECT_TRUE(
      postgres_rows("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace").empty())
      << "functions";
}

}  // namespace
}  // namespace latchkey::storage::postgres
