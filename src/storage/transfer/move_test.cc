// Moves between real databases, in every direction: what arrives, what is refused, and what happens when
// something breaks in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/postgres_transfer.h"
#include "storage/postgres/testing/pg_bouncer.h"
#include "storage/postgres/testing/postgres_server.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/sqlite/sqlite_transfer.h"
#include "storage/sqlite/testing/fault_vfs.h"
#include "storage/transfer/mover.h"

namespace latchkey::storage::transfer {
namespace {

using base::InfraError;
using base::Result;
using domain::Store;
using domain::Tx;
using postgres::testing::PgBouncer;
using postgres::testing::PostgresServer;
using ::testing::AllOf;
using ::testing::HasSubstr;

base::testing::FakeRandom& shared_random() {
  static base::testing::FakeRandom random;
  return random;
}

// A database that a test fills and looks into past what is tested.
class Place {
 public:
  virtual ~Place() = default;
  virtual Result<std::unique_ptr<Target>> open(Use use) = 0;
  virtual Result<std::unique_ptr<Store>> open_store() = 0;
  // The first value of the first row; SQL that every dialect takes.
  virtual std::string execute(const std::string& sql) = 0;
  // A column as text that does not depend on the dialect; `type` is PostgreSQL's.
  virtual std::string as_text(const std::string& column, const std::string& type) const = 0;
  // The rows of a query of one column, sorted.
  virtual std::string lines(const std::string& sql) = 0;

 protected:
  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

class SqlitePlace final : public Place {
 public:
  Result<std::unique_ptr<Target>> open(Use use) override {
    return sqlite::open_transfer({.file = file(), .use = use, .vfs = vfs}, clock_, *logger_);
  }
  Result<std::unique_ptr<Store>> open_store() override {
    return sqlite::open_sqlite_store({.file = file()}, clock_, *logger_);
  }
  std::string execute(const std::string& sql) override {
    sqlite::Connection connection({.file = file()});
    sqlite::Statement statement(connection, sql.c_str());
    sqlite::Query row = statement.bind();
    return row.step() ? row.text() : std::string();
  }
  std::string as_text(const std::string& column, const std::string& type) const override {
    if (type != "uuid" && type != "bytea") return "CAST(" + column + " AS TEXT)";
    return "CASE WHEN " + column + " IS NOT NULL THEN lower(hex(" + column + ")) END";
  }
  std::string lines(const std::string& sql) override {
    sqlite::Connection connection({.file = file()});
    sqlite::Statement statement(connection, sql.c_str());
    std::string text;
    sqlite::Query row = statement.bind();
    while (row.step()) text += row.text() + "\n";
    return text;
  }
  std::filesystem::path file() const { return folder_.path() / "latchkey.db"; }
  std::string vfs;

 private:
  base::testing::TemporaryFolder folder_;
};

class PostgresPlace final : public Place {
 public:
  explicit PostgresPlace(bool through_pooler = false, PostgresServer& server = PostgresServer::shared())
      : server_(server), through_pooler_(through_pooler) {}
  ~PostgresPlace() override { server_.give_back_database(name_); }

  Result<std::unique_ptr<Target>> open(Use use) override {
    const std::string address = through_pooler_ ? PgBouncer::shared().address(name_) : server_.address(name_);
    return postgres::open_transfer({.address = base::Secret(address), .use = use}, system_clock_, *logger_);
  }
  Result<std::unique_ptr<Store>> open_store() override {
    return postgres::open_postgres_store({.address = base::Secret(server_.address(name_))}, clock_, *logger_);
  }
  std::string execute(const std::string& sql) override { return server_.execute(name_, sql); }
  std::string as_text(const std::string& column, const std::string& type) const override {
    if (type == "uuid") return "encode(uuid_send(" + column + "), 'hex')";
    if (type == "bytea") return "encode(" + column + ", 'hex')";
    if (type == "boolean") return column + "::int::text";
    return column + "::text";
  }
  std::string lines(const std::string& sql) override {
    return execute(
        "SELECT coalesce(string_agg(q.line || E'\\n', '' ORDER BY q.line COLLATE \"C\"), '') FROM (" + sql +
        ") AS q(line)");
  }
  void cut_connections() {
    server_.execute("postgres",
                    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '" +
                        name_ + "' AND application_name = 'latchkey migrate'");
  }

 private:
  PostgresServer& server_;
  const bool through_pooler_;
  const std::string name_ = server_.take_database();
  base::SystemClock system_clock_;
};

// A column, as PostgreSQL's catalog has it.
struct CatalogColumn {
  std::string table, name, type;
};

// All columns that migrations make, but those of schema_migrations: what a move must not forget.
const std::vector<CatalogColumn>& catalog() {
  static const std::vector<CatalogColumn> columns = [] {
    PostgresPlace place;
    EXPECT_TRUE(place.open_store());
    std::istringstream lines(place.lines(
        "SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'schema_migrations'"));
    std::vector<CatalogColumn> found;
    for (CatalogColumn column; lines >> column.table >> column.name >> column.type;) found.push_back(column);
    EXPECT_GT(found.size(), 40u);
    return found;
  }();
  return columns;
}

// Every row of every table of `place`, the columns by name.
std::string dump(Place& place) {
  std::map<std::string, std::string> tables;
  for (const CatalogColumn& column : catalog()) {
    std::string& row = tables[column.table];
    row += (row.empty() ? "" : " || ',' || ") + std::string("coalesce('=' || ") +
           place.as_text("\"" + column.name + "\"", column.type) + ", 'null')";
  }
  std::string text;
  for (const auto& [name, row] : tables) {
    text += name + "\n" + place.lines("SELECT " + row + " AS line FROM \"" + name + "\" ORDER BY 1");
  }
  return text;
}

struct Direction {
  std::string name;
  std::function<std::unique_ptr<Place>()> make_source, make_target;
};
void PrintTo(const Direction& direction, std::ostream* out) { *out << direction.name; }

std::unique_ptr<Place> make_sqlite() { return std::make_unique<SqlitePlace>(); }
std::unique_ptr<Place> make_postgres() { return std::make_unique<PostgresPlace>(); }
std::unique_ptr<Place> make_pooled() { return std::make_unique<PostgresPlace>(true); }

// Where the contents of two databases begin to differ; empty when they do not.
std::string difference(Place& one, Place& other) {
  const std::string a = dump(one), b = dump(other);
  if (a == b) return {};
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  const std::size_t from = at < 60 ? 0 : at - 60;
  return "…" + a.substr(from, 160) + "… and …" + b.substr(from, 160) + "…";
}

// What goes wrong on purpose.
class Interruption : public std::runtime_error {
 public:
  Interruption() : std::runtime_error("interrupted") {}
};

constexpr auto kIgnore = [](const Progress&) {};

class MoveTest : public ::testing::Test {
 protected:
  const std::vector<Table> tables_ = sqlite::tables_of_migrations();
  std::mt19937_64 random_{7};
  base::testing::FakeClock clock_;

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  std::string random_text() {
    static const std::vector<std::string> kPieces = {"a",  "Zoë",    "日本語", "\U0001F511", "'", "\"",
                                                     "\\", "\\N",    "\t",     "\n",         "%", "$1",
                                                     "?",  "\u007F", "ı",      " "};
    std::string text;
    for (std::uint64_t i = below(6); i > 0; --i) text += kPieces[below(kPieces.size())];
    return text;
  }
  std::string random_bytes() {
    std::string bytes(below(80), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  base::Timestamp random_time() {
    constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
    switch (below(8)) {
      case 0:
        return base::from_unix_ms(kFar);
      case 1:
        return base::from_unix_ms(-kFar - 1);
      case 2:
        return base::from_unix_ms(0);
      default:
        return base::from_unix_ms(static_cast<std::int64_t>(below(4'000'000'000'000)));
    }
  }
  template <class T>
  std::optional<T> perhaps(T value) {
    return one_in(2) ? std::optional(std::move(value)) : std::nullopt;
  }

  domain::User random_user(std::uint64_t number) {
    domain::User user;
    user.id = domain::UserId::make(clock_.now(), shared_random());
    const std::string unique = std::to_string(number) + random_text();
    user.email = perhaps(domain::Email::make_trusted(unique + "@example.com"));
    user.phone = perhaps(domain::Phone::make_trusted("+49" + std::to_string(number)));
    if (one_in(2) || (!user.email && !user.phone)) {
      user.username = domain::Username::make_trusted(one_in(2) ? "N" + unique : "n" + unique, "n" + unique);
    }
    if (one_in(3)) user.role = domain::Role::make_trusted("editor");
    if (one_in(2))
      user.user_metadata = base::JsonObjectText::make_trusted("{\"x\":\"" + random_text() + "\\u0000\"}");
    if (one_in(3)) user.app_metadata = base::JsonObjectText::make_trusted("{}" + random_text());
    user.email_confirmed_at = perhaps(random_time());
    user.phone_confirmed_at = perhaps(random_time());
    user.banned_until = perhaps(random_time());
    user.last_sign_in_at = perhaps(random_time());
    user.created_at = random_time();
    user.updated_at = random_time();
    return user;
  }
  domain::Session random_session(const domain::User& user) {
    domain::Session session;
    session.id = domain::SessionId::make(clock_.now(), shared_random());
    session.user_id = user.id;
    session.refresh_counter =
        one_in(3) ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(below(1000));
    session.successor_seen = one_in(2);
    session.created_at = random_time();
    session.refreshed_at = random_time();
    session.expires_at = random_time();
    session.absolute_expires_at = random_time();
    if (one_in(3)) {
      session.ended_at = random_time();
      session.ended_by = static_cast<domain::SessionEnd>(below(5));
    }
    session.user_agent = random_text();
    session.ip = one_in(4) ? "" : "2001:db8::1";
    if (one_in(3)) session.method = "otp";
    return session;
  }
  void fill(Place& place, std::uint64_t users) {
    const auto store = place.open_store();
    ASSERT_TRUE(store) << store.error().detail;
    const auto written = (*store)->transact([&](Tx& tx) -> Result<void> {
      for (std::uint64_t number = 0; number < users; ++number) {
        clock_.advance(base::Milliseconds(1));
        const domain::User user = random_user(number);
        if (auto inserted = tx.users().insert(user); !inserted) return inserted;
        if (one_in(2)) tx.passwords().put({user.id, base::Secret(random_text() + "$"), random_time()});
        for (std::uint64_t i = below(3); i > 0; --i) tx.sessions().insert(random_session(user));
        tx.events().append({.id = domain::EventId::make(clock_.now(), shared_random()),
                            .type = static_cast<domain::EventType>(1 + below(3)),
                            .at = random_time(),
                            .user_id = perhaps(user.id),
                            .session_id = {},
                            .ip = "",
                            .detail = random_text()});
      }
      for (int i = 0; i < 5; ++i) {
        tx.keys().put({.kid = "kid" + std::to_string(i) + (i % 2 == 0 ? "_" : "A"),
                       .purpose = "sign",
                       .algorithm = i == 0 ? "" : "ES256",
                       .state = domain::KeyState::retired,
                       .sealed_private = random_bytes(),
                       .created_at = random_time(),
                       .activated_at = perhaps(random_time()),
                       .retired_at = perhaps(random_time())});
      }
      return {};
    });
    ASSERT_TRUE(written) << written.error().detail;
    (*store)->close();
    // An empty text where NULL could stand.
    place.execute(
        "UPDATE users SET username_shown = '', role = '' WHERE phone IS NOT NULL AND phone < '+4950'");
  }

  MoveResult<MoveReport> run(Place& source, Place& target, Report report = kIgnore) {
    const auto from = source.open(Use::source);
    if (!from) throw std::runtime_error(from.error().message.value_or(""));
    const auto to = target.open(Use::target);
    if (!to) throw std::runtime_error(to.error().message.value_or(""));
    return move(**from, **to, tables_, report);
  }
  MoveResult<Plan> plan(Place& source, Place& target) {
    const auto from = source.open(Use::look);
    const auto to = target.open(Use::look);
    if (!from || !to) throw std::runtime_error("cannot be opened");
    return plan_move(**from, **to, tables_);
  }
  // A move that stops after so many reports; whether it came to that.
  bool interrupted_after(Place& source, Place& target, int reports) {
    try {
      const auto moved = run(source, target, [&](const Progress&) {
        if (reports-- == 0) throw Interruption();
      });
      EXPECT_TRUE(moved) << moved.error().message;
      return false;
    } catch (const Interruption&) {
      return true;
    }
  }
  // The same, at the first report of copying that table behind its first rows.
  void interrupt_while_copying(Place& source, Place& target, const std::string& table) {
    EXPECT_THROW(run(source, target,
                     [&](const Progress& now) {
                       if (now.stage == Stage::copying && now.table == table && now.rows > 0)
                         throw Interruption();
                     }),
                 Interruption);
  }
  static std::string refusal_of(Place& place) {
    const auto store = place.open_store();
    return store ? "opened" : store.error().message.value_or("no message");
  }
  static const MovedTable& table_of(const MoveReport& report, std::string_view name) {
    return *std::ranges::find(report.tables, name, &MovedTable::name);
  }
};

class MoveInEveryDirection : public MoveTest, public ::testing::WithParamInterface<Direction> {
 protected:
  std::unique_ptr<Place> source_ = GetParam().make_source();
  std::unique_ptr<Place> target_ = GetParam().make_target();
};
INSTANTIATE_TEST_SUITE_P(moves, MoveInEveryDirection,
                         ::testing::Values(Direction{"sqlite_to_postgres", make_sqlite, make_postgres},
                                           Direction{"postgres_to_sqlite", make_postgres, make_sqlite},
                                           Direction{"sqlite_to_pooler", make_sqlite, make_pooled},
                                           Direction{"pooler_to_sqlite", make_pooled, make_sqlite},
                                           Direction{"sqlite_to_sqlite", make_sqlite, make_sqlite},
                                           Direction{"postgres_to_postgres", make_postgres, make_postgres}),
                         [](const auto& direction) { return direction.param.name; });

// ---- What arrives -------------------------------------------------------------------------------------

TEST_P(MoveInEveryDirection, everything_arrives_and_the_source_stays) {
  fill(*source_, 1300);
  const std::string before = dump(*source_);
  const auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(difference(*source_, *target_), "");
  EXPECT_TRUE(dump(*source_) == before);
  EXPECT_EQ(moved->tables.size(), tables_.size());
  EXPECT_EQ(table_of(*moved, "users").rows, 1300u);
  EXPECT_EQ(table_of(*moved, "keys").rows, 5u);
  EXPECT_EQ(moved->changed_texts, 0u);
  EXPECT_EQ(refusal_of(*target_), "opened");
}

TEST_P(MoveInEveryDirection, there_and_back_is_the_same) {
  fill(*source_, 200);
  ASSERT_TRUE(run(*source_, *target_));
  const auto back = GetParam().make_source();
  const auto moved = run(*target_, *back);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(difference(*source_, *back), "");
}

TEST_P(MoveInEveryDirection, an_empty_database_moves_too) {
  ASSERT_EQ(refusal_of(*source_), "opened");
  const auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  for (const MovedTable& table : moved->tables) EXPECT_EQ(table.rows, 0u) << table.name;
  EXPECT_EQ(refusal_of(*target_), "opened");
}

TEST_P(MoveInEveryDirection, progress_goes_through_all_tables_in_three_stages) {
  fill(*source_, 700);
  std::map<std::pair<Stage, std::string>, std::uint64_t> done;
  const auto moved = run(*source_, *target_, [&](const Progress& now) {
    std::uint64_t& rows = done[{now.stage, std::string(now.table)}];
    EXPECT_GE(now.rows, rows);
    rows = now.rows;
    if (now.stage == Stage::reading) return;
    EXPECT_LE(now.rows, now.of);
    EXPECT_TRUE(!now.is_done || now.rows == now.of);
  });
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(done.size(), 3 * tables_.size());
  for (const Stage stage : {Stage::reading, Stage::copying, Stage::checking})
    EXPECT_EQ((done[{stage, "users"}]), 700u);
}

TEST_F(MoveTest, its_tables_are_all_that_migrations_make) {
  std::set<std::string> expected, actual;
  for (const CatalogColumn& column : catalog()) expected.insert(column.table + "." + column.name);
  for (const Table& table : tables_) {
    for (const Column& column : table.columns) actual.insert(table.name + "." + column.name);
  }
  EXPECT_EQ(actual, expected);
}

TEST_F(MoveTest, text_that_is_not_utf8_arrives_with_question_marks_and_is_counted) {
  SqlitePlace source;
  PostgresPlace target;
  fill(source, 3);
  source.execute(
      "UPDATE events SET detail = CAST(x'4DFC6E6300' AS TEXT) WHERE id = (SELECT min(id) FROM events)");
  const auto moved = run(source, target);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->changed_texts, 1u);
  EXPECT_EQ(target.execute("SELECT count(*) FROM events WHERE detail = 'M?nc?'"), "1");
}

TEST_F(MoveTest, a_value_that_does_not_fit_is_named) {
  SqlitePlace source;
  PostgresPlace target;
  fill(source, 30);
  source.execute("UPDATE events SET type = 70000");
  try {
    static_cast<void>(run(source, target));
    FAIL() << "no error";
  } catch (const InfraError& error) {
    EXPECT_THAT(error.what(), HasSubstr("events.type does not fit"));
  }
}

// ---- What is refused ----------------------------------------------------------------------------------

TEST_P(MoveInEveryDirection, a_target_with_data_is_refused_and_stays_as_it_is) {
  fill(*source_, 10);
  fill(*target_, 3);
  const std::string before = dump(*target_);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto moved = run(*source_, *target_);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().why, Refusal::target_not_empty);
    EXPECT_THAT(moved.error().message,
                AllOf(HasSubstr("is not empty"), HasSubstr("3 users"), HasSubstr("5 keys")));
  }
  EXPECT_EQ(plan(*source_, *target_).error().why, Refusal::target_not_empty);
  EXPECT_TRUE(dump(*target_) == before);
  EXPECT_EQ(refusal_of(*target_), "opened");
}

TEST_P(MoveInEveryDirection, a_database_in_use_is_refused) {
  fill(*source_, 1);
  const auto server = source_->open_store();
  ASSERT_TRUE(server);
  (*server)->check_health();
  const auto opened = source_->open(Use::source);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message.value_or(""), HasSubstr("Stop"));
  EXPECT_TRUE(source_->open(Use::look)) << "looking disturbs nobody";
}

TEST_P(MoveInEveryDirection, what_is_no_database_of_latchkey_is_no_source) {
  const auto moved = plan(*source_, *target_);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().why, Refusal::source_not_ready);
  EXPECT_THAT(moved.error().message, HasSubstr("no database of Latchkey"));
}

// A database that lacks the newest step. The real one never does: the program that made it knows no more.
class Older final : public Source {
 public:
  explicit Older(Source& real) : real_(real) {}
  const std::string& name() const override { return real_.name(); }
  Result<std::vector<Migration>> missing_migrations() override {
    return std::vector{Migration{.number = 2, .name = "next", .sql = ""}};
  }
  std::vector<Column> read_columns(const std::string& table) override { return real_.read_columns(table); }
  std::optional<std::vector<Mark>> read_marks() override { return real_.read_marks(); }
  std::unique_ptr<Snapshot> open_snapshot() override { return real_.open_snapshot(); }

 private:
  Source& real_;
};

TEST_P(MoveInEveryDirection, a_source_of_an_older_version_is_not_brought_up_to_date_silently) {
  fill(*source_, 1);
  const auto from = source_->open(Use::source);
  const auto to = target_->open(Use::target);
  ASSERT_TRUE(from && to);
  Older older(**from);
  const auto moved = move(older, **to, tables_, kIgnore);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().why, Refusal::source_not_ready);
  EXPECT_THAT(moved.error().message,
              AllOf(HasSubstr("lacks migration 2 (next)"), HasSubstr("latchkey migrate first")));
  EXPECT_TRUE((*to)->read_columns("users").empty());
}

TEST_P(MoveInEveryDirection, other_versions_and_changed_tables_are_refused) {
  fill(*source_, 1);
  ASSERT_EQ(refusal_of(*target_), "opened");
  for (const bool is_source : {true, false}) {
    Place& place = is_source ? *source_ : *target_;
    const Refusal expected = is_source ? Refusal::source_not_ready : Refusal::target_not_ready;
    place.execute(
        "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (9999, 'x', 'y', 0)");
    EXPECT_EQ(run(*source_, *target_).error().why, expected);
    EXPECT_EQ(plan(*source_, *target_).error().why, expected);
    place.execute("DELETE FROM schema_migrations WHERE number = 9999");
    place.execute("ALTER TABLE events RENAME COLUMN detail TO details");
    EXPECT_EQ(run(*source_, *target_).error().why, expected);
    EXPECT_THAT(plan(*source_, *target_).error().message, HasSubstr("The table events"));
    place.execute("ALTER TABLE events RENAME COLUMN details TO detail");
  }
  EXPECT_TRUE(run(*source_, *target_));
}

TEST_P(MoveInEveryDirection, a_plan_changes_nothing) {
  fill(*source_, 40);
  const auto planned = plan(*source_, *target_);
  ASSERT_TRUE(planned) << planned.error().message;
  EXPECT_TRUE(planned->makes_tables);
  EXPECT_FALSE(planned->continues);
  EXPECT_EQ(std::ranges::find(planned->tables, "users", &PlannedTable::name)->rows, 40u);
  // Still nothing there: a store that must not make tables finds none.
  const auto look = target_->open(Use::look);
  ASSERT_TRUE(look);
  EXPECT_TRUE((*look)->read_columns("users").empty());
}

// ---- What breaks in the middle ------------------------------------------------------------------------

TEST_P(MoveInEveryDirection, a_move_that_is_interrupted_again_and_again_ends_right) {
  fill(*source_, 1300);
  int attempts = 0;
  // Reading alone takes more reports than the first attempts last.
  while (interrupted_after(*source_, *target_, 5 + 3 * attempts)) {
    ++attempts;
    ASSERT_LT(attempts, 100);
  }
  EXPECT_GT(attempts, 5);
  EXPECT_EQ(difference(*source_, *target_), "");
}

TEST_P(MoveInEveryDirection, a_half_moved_database_serves_nobody_and_goes_on_where_it_stopped) {
  fill(*source_, 1300);
  interrupt_while_copying(*source_, *target_, "sessions");
  EXPECT_THAT(refusal_of(*target_), HasSubstr("has begun and not ended"));
  const auto planned = plan(*source_, *target_);
  ASSERT_TRUE(planned) << planned.error().message;
  EXPECT_TRUE(planned->continues);
  EXPECT_EQ(std::ranges::find(planned->tables, "users", &PlannedTable::name)->arrived, 1300u);
  // Nor can it be moved on.
  const auto third = GetParam().make_target();
  EXPECT_THAT(run(*target_, *third).error().message, HasSubstr("has begun and not ended"));

  const auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(table_of(*moved, "users").kept, 1300u);
  EXPECT_GT(table_of(*moved, "sessions").kept, 0u);
  EXPECT_LT(table_of(*moved, "sessions").kept, table_of(*moved, "sessions").rows);
  EXPECT_EQ(difference(*source_, *target_), "");
  EXPECT_EQ(refusal_of(*target_), "opened");
}

TEST_P(MoveInEveryDirection, what_changed_between_two_attempts_is_copied_anew) {
  fill(*source_, 1300);
  interrupt_while_copying(*source_, *target_, "sessions");
  source_->execute(
      "UPDATE passwords SET hash = 'changed' WHERE user_id = (SELECT user_id FROM passwords ORDER BY "
      "user_id LIMIT 1)");
  auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(table_of(*moved, "passwords").kept, 0u);
  EXPECT_EQ(table_of(*moved, "users").kept, 1300u);
  EXPECT_GT(table_of(*moved, "sessions").kept, 0u);
  EXPECT_EQ(difference(*source_, *target_), "");
}

TEST_P(MoveInEveryDirection, a_change_of_users_starts_all_that_refers_to_them_anew) {
  fill(*source_, 1300);
  interrupt_while_copying(*source_, *target_, "sessions");
  source_->execute("DELETE FROM users WHERE id = (SELECT id FROM users ORDER BY id LIMIT 1)");
  const auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(table_of(*moved, "users").rows, 1299u);
  for (const char* table : {"users", "passwords", "sessions"})
    EXPECT_EQ(table_of(*moved, table).kept, 0u) << table;
  EXPECT_EQ(table_of(*moved, "keys").kept, 5u);
  EXPECT_EQ(difference(*source_, *target_), "");
}

TEST_P(MoveInEveryDirection, a_row_that_changed_on_the_way_is_found_and_copied_anew) {
  fill(*source_, 1300);
  interrupt_while_copying(*source_, *target_, "sessions");
  target_->execute(
      "UPDATE passwords SET hash = 'stranger' WHERE user_id = (SELECT user_id FROM passwords ORDER BY "
      "user_id LIMIT 1)");
  const auto differs = run(*source_, *target_);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().why, Refusal::copy_differs);
  EXPECT_THAT(differs.error().message,
              AllOf(HasSubstr("\n  passwords: "), ::testing::Not(HasSubstr("\n  users: "))));
  EXPECT_THAT(refusal_of(*target_), HasSubstr("has begun and not ended"));
  const auto moved = run(*source_, *target_);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(table_of(*moved, "users").kept, 1300u);
  EXPECT_EQ(table_of(*moved, "passwords").kept, 0u);
  EXPECT_EQ(difference(*source_, *target_), "");
}

TEST_P(MoveInEveryDirection, a_row_that_is_lost_or_added_on_the_way_is_found) {
  fill(*source_, 300);
  interrupt_while_copying(*source_, *target_, "sessions");
  target_->execute(
      "DELETE FROM passwords WHERE user_id = (SELECT user_id FROM passwords ORDER BY user_id LIMIT 1)");
  EXPECT_EQ(run(*source_, *target_).error().why, Refusal::copy_differs);
  EXPECT_TRUE(run(*source_, *target_));
  EXPECT_EQ(difference(*source_, *target_), "");
}

TEST_F(MoveTest, a_connection_that_is_cut_ends_the_move_and_the_next_goes_on) {
  SqlitePlace source;
  PostgresPlace target;
  fill(source, 1300);
  bool is_cut = false;
  EXPECT_THROW(static_cast<void>(run(source, target,
                                     [&](const Progress& now) {
                                       if (is_cut || now.stage != Stage::copying || now.rows == 0) return;
                                       is_cut = true;
                                       target.cut_connections();
                                     })),
               InfraError);
  EXPECT_THAT(refusal_of(target), HasSubstr("has begun and not ended"));
  const auto moved = run(source, target);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(difference(source, target), "");

  // And from there back.
  SqlitePlace back;
  is_cut = false;
  EXPECT_THROW(static_cast<void>(run(target, back,
                                     [&](const Progress& now) {
                                       if (is_cut || now.stage != Stage::copying || now.rows == 0) return;
                                       is_cut = true;
                                       target.cut_connections();
                                     })),
               InfraError);
  ASSERT_TRUE(run(target, back));
  EXPECT_EQ(difference(source, back), "");
}

TEST_F(MoveTest, of_two_moves_into_one_database_the_later_one_wins) {
  SqlitePlace source, other;
  PostgresPlace target;
  fill(source, 1300);
  fill(other, 20);
  bool is_overtaken = false;
  try {
    static_cast<void>(run(source, target, [&](const Progress& now) {
      if (is_overtaken || now.stage != Stage::copying || now.table != "sessions" || now.rows == 0) return;
      is_overtaken = true;
      interrupt_while_copying(other, target, "sessions");
    }));
    FAIL() << "the first move went on";
  } catch (const InfraError& error) {
    EXPECT_THAT(error.what(), HasSubstr("another move"));
  }
  const auto moved = run(other, target);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(difference(other, target), "");
}

TEST_F(MoveTest, a_full_disk_ends_the_move_and_the_next_goes_on) {
  sqlite::testing::FaultVfs vfs;
  PostgresPlace source;
  SqlitePlace target;
  fill(source, 1300);
  target.vfs = vfs.name();
  int failures = 0;
  for (std::int64_t working = 100; failures < 40; working += 40) {
    try {
      const auto moved = run(source, target, [&](const Progress& now) {
        if (now.stage == Stage::copying && !now.is_done && now.table == tables_.front().name)
          vfs.break_after(working, SQLITE_FULL);
      });
      ASSERT_TRUE(moved) << moved.error().message;
      break;
    } catch (const InfraError& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::storage_unavailable) << error.what();
      ++failures;
    }
    vfs.repair();
  }
  vfs.repair();
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 40);
  EXPECT_EQ(difference(source, target), "");
}

// No file of the server's may grow beyond 20 MB.
TEST_F(MoveTest, a_full_disk_of_the_server_ends_the_move) {
  PostgresServer server(PostgresServer::Options{.largest_file = 20U << 20});
  SqlitePlace source;
  PostgresPlace target(false, server);
  fill(source, 10);
  source.execute(
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO users (id, "
      "email, "
      "user_metadata, created_at, updated_at) SELECT randomblob(16), 'full' || i || '@example.com', "
      "'{\"x\":\"' || "
      "hex(randomblob(6000)) || '\"}', 0, 0 FROM n");
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      static_cast<void>(run(source, target));
      FAIL() << "there was room";
    } catch (const InfraError& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::storage_unavailable) << error.what();
    }
    EXPECT_THAT(refusal_of(target), HasSubstr("has begun and not ended"));
  }
  const std::uint64_t arrived = std::stoull(target.execute("SELECT count(*) FROM users"));
  EXPECT_GT(arrived, 0u);
  EXPECT_EQ(target.execute("SELECT rows_done FROM unfinished_move WHERE table_name = 'users'"),
            std::to_string(arrived));
}

}  // namespace
}  // namespace latchkey::storage::transfer
