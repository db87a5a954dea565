// What only the PostgreSQL store has: its way to the server, its schema, its transactions and its pool.
#include "storage/postgres/postgres_store.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <latch>
#include <thread>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "storage/migrations.h"
#include "storage/postgres/testing/postgres_server.h"
#include "storage/postgres/transaction.h"

namespace latchkey::storage::postgres {
namespace {

using base::ErrorCode;
using base::InfraError;
using base::Result;
using domain::Store;
using domain::Tx;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PostgresServer;

// Keeps what is logged.
class KeepingLogger final : public base::Logger {
 public:
  bool is_enabled(base::LogLevel) const override { return true; }
  void set_level(base::LogLevel) override {}
  void write(base::LogLevel, std::string_view event, std::span<const base::LogField> fields) override {
    const std::lock_guard lock(mutex_);
    text_ += event;
    for (const base::LogField& field : fields) {
      text_ += ' ';
      text_ += field.key;
      if (const auto* text = std::get_if<std::string>(&field.value)) text_ += "=" + *text;
    }
    text_ += '\n';
  }
  void flush() override {}
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class PostgresStoreTest : public ::testing::Test {
 protected:
  ~PostgresStoreTest() override { server_.give_back_database(name_); }

  PostgresSettings settings() const { return {.address = base::Secret(server_.address(name_))}; }
  Result<std::unique_ptr<Store>> open(const PostgresSettings& with) {
    return open_postgres_store(with, clock_, logger_);
  }
  std::string refusal(const PostgresSettings& with) {
    const auto store = open(with);
    if (store) return "opened";
    EXPECT_EQ(store.error().code, ErrorCode::storage_unavailable);
    last_detail_ = store.error().detail;
    return store.error().message.value_or("no message");
  }
  std::string execute(const std::string& sql) const { return server_.execute(name_, sql); }
  domain::User make_user(const std::string& name) {
    domain::User user;
    user.id = domain::UserId::make(clock_.now(), random_);
    user.email = domain::Email::make_trusted(name + "@example.com");
    user.created_at = user.updated_at = clock_.now();
    return user;
  }
  domain::Session make_session(const domain::User& user) {
    domain::Session session;
    session.id = domain::SessionId::make(clock_.now(), random_);
    session.user_id = user.id;
    session.expires_at = session.absolute_expires_at = clock_.now() + std::chrono::hours(1);
    return session;
  }

  PostgresServer& server_ = PostgresServer::shared();
  const std::string name_ = server_.take_database();
  base::SystemClock clock_;
  base::testing::FakeRandom random_;
  KeepingLogger logger_;
  std::string last_detail_;
};

// ---- Opening ------------------------------------------------------------------------------------------

TEST_F(PostgresStoreTest, a_wrong_or_missing_password_is_explained_and_not_shown) {
  execute("CREATE ROLE " + name_ + " LOGIN PASSWORD 'correct-horse'");
  server_.require_password(name_);
  PostgresSettings with = settings();
  with.address = base::Secret("host=" + server_.socket_folder() + " dbname=" + name_ + " user=" + name_);
  EXPECT_THAT(refusal(with), HasSubstr("asks for a password"));
  with.password = base::Secret(std::string("battery-staple"));
  EXPECT_THAT(refusal(with), AllOf(HasSubstr("refuses the password"), HasSubstr(name_)));
  EXPECT_THAT(last_detail_ + logger_.text(), Not(HasSubstr("battery-staple")));
  with.password = base::Secret(std::string("correct-horse"));
  EXPECT_THAT(refusal(with), HasSubstr("its owner"));  // in, but nothing is allowed yet
  execute("ALTER DATABASE " + name_ + " OWNER TO " + name_);
  const auto store = open(with);
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_NO_THROW((*store)->check_health());
  EXPECT_THAT(logger_.text() + server_.log(), Not(HasSubstr("correct-horse")));
  (*store)->close();
  execute("REASSIGN OWNED BY " + name_ + " TO latchkey; ALTER DATABASE " + name_ +
          " OWNER TO latchkey; DROP OWNED BY " + name_ + "; DROP ROLE " + name_);
}

TEST_F(PostgresStoreTest, failures_to_connect_say_what_to_do) {
  PostgresSettings with = settings();
  with.address = base::Secret(server_.address("nowhere"));
  EXPECT_THAT(refusal(with), AllOf(HasSubstr("no such database"), HasSubstr("\"nowhere\"")));
  with.address = base::Secret(std::string("host=/nonexistent dbname=x"));
  EXPECT_THAT(refusal(with), HasSubstr("does not answer"));
  with.address = base::Secret("host=" + server_.socket_folder() + " user=stranger dbname=" + name_);
  EXPECT_THAT(refusal(with), HasSubstr("pg_hba.conf"));
  with.address = base::Secret(std::string("postgres://ada:hunter2%zz@h/d"));
  EXPECT_THAT(refusal(with), AllOf(HasSubstr("looks like postgres://"), Not(HasSubstr("hunter2"))));
}

TEST_F(PostgresStoreTest, a_server_without_tls_is_refused_when_tls_is_required) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&here), size), 0);
  ASSERT_EQ(listen(listener, 4), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&here), &size);
  std::thread peer([&] {
    for (int client = 0; (client = accept(listener, nullptr, nullptr)) >= 0; close(client)) {
      std::array<char, 8> request{};
      if (read(client, request.data(), request.size()) == 8) {
        EXPECT_EQ(write(client, "N", 1), 1);
      }
    }
  });
  PostgresSettings with = settings();
  with.address = base::Secret("host=127.0.0.1 sslmode=require dbname=x user=y port=" +
                              std::to_string(ntohs(here.sin_port)));
  EXPECT_THAT(refusal(with), HasSubstr("TLS"));
  shutdown(listener, SHUT_RDWR);
  peer.join();
  close(listener);
}

TEST_F(PostgresStoreTest, a_server_that_says_nothing_does_not_hold_the_start_up) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&here), size), 0);
  ASSERT_EQ(listen(listener, 4), 0);  // the kernel accepts, and nobody answers
  getsockname(listener, reinterpret_cast<sockaddr*>(&here), &size);
  PostgresSettings with = settings();
  with.address = base::Secret("host=127.0.0.1 dbname=x user=y port=" + std::to_string(ntohs(here.sin_port)));
  with.connect_timeout = base::Seconds(2);
  const auto start = clock_.steady_now();
  EXPECT_THAT(refusal(with), HasSubstr("does not answer"));
  EXPECT_LT(clock_.steady_now() - start, base::Seconds(20));
  close(listener);
}

TEST_F(PostgresStoreTest, tls_is_checked_and_a_server_may_insist_on_it) {
  PostgresServer server(PostgresServer::Options{.tls = true});
  const std::string plain = server.tcp_address("postgres");
  const std::string certificate = (server.data_folder() / "server.crt").string();
  PostgresSettings with;
  const auto use = [&](const std::string& more) -> const PostgresSettings& {
    with.address = base::Secret(plain + " " + more);
    return with;
  };
  EXPECT_THAT(refusal(use("sslmode=disable")), HasSubstr("sslmode=require"));
  EXPECT_THAT(refusal(use("sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt")),
              HasSubstr("certificate"));
  const auto store = open(use("sslmode=verify-full sslrootcert=" + certificate));
  ASSERT_TRUE(store) << store.error().detail;
  ASSERT_TRUE((*store)->transact([&](Tx& tx) { return tx.users().insert(make_user("ada")); }));
  EXPECT_EQ((*store)->read([](const Tx& tx) { return tx.users().count(); }), 1u);
  EXPECT_THAT(logger_.text(), HasSubstr("encrypted=yes"));
}

// ---- Schema -------------------------------------------------------------------------------------------

TEST_F(PostgresStoreTest, refuses_a_newer_schema) {
  open(settings()).value()->close();
  execute("INSERT INTO schema_migrations SELECT max(number) + 1, 'later', 'x', 0 FROM schema_migrations");
  EXPECT_THAT(refusal(settings()), HasSubstr("newer than this program"));
}

TEST_F(PostgresStoreTest, refuses_a_changed_migration) {
  open(settings()).value()->close();
  execute("UPDATE schema_migrations SET checksum = 'x' WHERE number = 1");
  EXPECT_THAT(refusal(settings()), HasSubstr("Migration 1"));
}

TEST_F(PostgresStoreTest, refuses_the_tables_of_another_program) {
  execute("CREATE TABLE users (name text)");
  EXPECT_THAT(refusal(settings()), HasSubstr("of its own"));
  EXPECT_EQ(execute("SELECT count(*) FROM pg_class WHERE relname = 'sessions'"), "0");
  execute("DROP TABLE users; DROP TABLE schema_migrations; CREATE TABLE schema_migrations (version text)");
  EXPECT_THAT(refusal(settings()), HasSubstr("of its own"));
}

TEST_F(PostgresStoreTest, migrates_only_when_allowed_to) {
  PostgresSettings with = settings();
  with.migrations = MigrationMode::refuse;
  EXPECT_THAT(refusal(with), HasSubstr("Run latchkey migrate"));
  for (const MigrationStatus& step : read_postgres_migrations(with, clock_).value())
    EXPECT_FALSE(step.is_applied);
  EXPECT_EQ(execute("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'"), "0");

  open(settings()).value()->close();
  EXPECT_TRUE(open(with));
  const auto steps = read_postgres_migrations(with, clock_).value();
  ASSERT_EQ(steps.size(), postgres_migrations().size());
  for (const MigrationStatus& step : steps) EXPECT_TRUE(step.is_applied);
}

TEST_F(PostgresStoreTest, many_that_start_at_once_migrate_once) {
  for (int round = 0; round < 5; ++round) {
    execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner");
    constexpr int kThreads = 6;
    std::latch all_are_there(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        all_are_there.arrive_and_wait();
        const auto store = open(settings());
        ASSERT_TRUE(store) << store.error().detail;
        EXPECT_TRUE(
            (*store)->transact([&](Tx& tx) { return tx.users().insert(make_user(std::to_string(i))); }));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(execute("SELECT count(*) FROM users"), "6");
    EXPECT_EQ(execute("SELECT count(*) FROM schema_migrations"),
              std::to_string(postgres_migrations().size()));
  }
}

// ---- Transactions -------------------------------------------------------------------------------------

// Each reads what the other writes. One after the other, the second would have found the first one's key.
TEST_F(PostgresStoreTest, write_transactions_are_serializable) {
  auto store = open(settings()).value();
  for (int round = 0; round < 10; ++round) {
    execute("DELETE FROM keys");
    std::barrier both_have_looked(2);
    std::vector<std::thread> threads;
    for (const char* kid : {"a", "b"}) {
      threads.emplace_back([&, kid] {
        bool first = true;
        const auto written = store->transact([&](Tx& tx) -> Result<void> {
          const bool none = tx.keys().list().empty();
          if (std::exchange(first, false)) both_have_looked.arrive_and_wait();
          if (none) {
            domain::StoredKey key;
            key.kid = kid;
            tx.keys().put(key);
          }
          return {};
        });
        EXPECT_TRUE(written);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(execute("SELECT count(*) FROM keys"), "1");
  }
}

TEST_F(PostgresStoreTest, a_deadlock_is_run_again) {
  auto store = open(settings()).value();
  const domain::User ada = make_user("ada");
  const domain::User bob = make_user("bob");
  for (const auto& user : {ada, bob}) {
    ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(user); }));
  }
  std::barrier both_hold_one(2);
  std::vector<std::thread> threads;
  for (const bool forth : {true, false}) {
    threads.emplace_back([&, forth] {
      bool first = true;
      const auto written = store->transact([&](Tx& tx) -> Result<void> {
        if (auto done = tx.users().update(forth ? ada : bob); !done) return done;
        if (std::exchange(first, false)) both_hold_one.arrive_and_wait();
        return tx.users().update(forth ? bob : ada);
      });
      EXPECT_TRUE(written);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(PostgresStoreTest, a_rotation_of_what_was_just_locked_does_not_wait_and_is_right) {
  auto store = open(settings()).value();
  const domain::User user = make_user("ada");
  const domain::Session session = make_session(user);
  ASSERT_TRUE(store->transact([&](Tx& tx) -> Result<void> {
    if (auto inserted = tx.users().insert(user); !inserted) return inserted;
    tx.sessions().insert(session);
    return {};
  }));
  const auto rotate = [&](std::uint32_t expected, bool ends_first) {
    return store
        ->transact([&](Tx& tx) -> Result<bool> {
          EXPECT_TRUE(tx.sessions().lock_with_user(session.id));
          if (ends_first) tx.sessions().end(session.id, domain::SessionEnd::revoked, clock_.now());
          return tx.sessions().rotate(session.id, expected, {expected + 1, clock_.now(), session.expires_at});
        })
        .value();
  };
  const auto counter = [&] {
    return store->read([&](const Tx& tx) { return tx.sessions().find(session.id)->refresh_counter; });
  };
  EXPECT_TRUE(rotate(0, false));
  EXPECT_EQ(counter(), 1u);
  EXPECT_FALSE(rotate(0, false));
  EXPECT_EQ(counter(), 1u);
  EXPECT_FALSE(rotate(1, true));
  EXPECT_FALSE(rotate(1, false));
  EXPECT_EQ(counter(), 1u);
}

TEST_F(PostgresStoreTest, text_that_is_not_utf8_neither_fails_nor_finds) {
  auto store = open(settings()).value();
  const domain::User user = make_user("ada");
  domain::Session session = make_session(user);
  session.user_agent = "caf\xE9";
  ASSERT_TRUE(store->transact([&](Tx& tx) -> Result<void> {
    if (auto inserted = tx.users().insert(user); !inserted) return inserted;
    tx.sessions().insert(session);
    return {};
  }));
  EXPECT_EQ(store->read([&](const Tx& tx) { return tx.sessions().find(session.id)->user_agent; }), "caf?");
  EXPECT_FALSE(store->read([](const Tx& tx) {
    return tx.users().find(domain::Identifier(domain::Email::make_trusted("\xE9@example.com")));
  }));
  EXPECT_FALSE(store->read([](const Tx& tx) {
    return tx.users().find(domain::Identifier(domain::Email::make_trusted(std::string("a\0b", 3))));
  }));
}

TEST_F(PostgresStoreTest, a_store_that_no_longer_finds_its_statements_does_without) {
  auto store = open(settings()).value();
  const domain::User user = make_user("ada");
  ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(user); }));
  const auto count = [&] { return store->read([](const Tx& tx) { return tx.users().count(); }); };
  EXPECT_EQ(count(), 1u);
  // As a pooler does that hands the session to somebody else.
  bool first = true;
  const auto found = store->transact([&](Tx& tx) -> Result<bool> {
    if (std::exchange(first, false)) {
      static_cast<PostgresTx&>(tx).connection.run_script("DEALLOCATE ALL", base::Seconds(5));
    }
    return tx.users().find(user.id).has_value() && tx.users().count() == 1;
  });
  EXPECT_TRUE(found.value());
  EXPECT_THAT(logger_.text(), HasSubstr("no longer prepared"));
  EXPECT_EQ(count(), 1u);
}

TEST_F(PostgresStoreTest, a_pool_that_stays_exhausted_is_overloaded_and_says_so_in_time) {
  PostgresSettings with = settings();
  with.pool_size = 2;
  with.acquire_timeout = base::Milliseconds(100);
  auto store = open(with).value();
  std::latch both_are_in_use(2);
  std::latch go_on(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      store->read([&](const Tx& tx) {
        both_are_in_use.count_down();
        go_on.wait();
        return tx.users().count();
      });
    });
  }
  both_are_in_use.wait();
  try {
    store->read([](const Tx& tx) { return tx.users().count(); });
    ADD_FAILURE() << "found a third connection";
  } catch (const InfraError& error) {
    EXPECT_EQ(error.code(), ErrorCode::overloaded);
  }
  go_on.count_down();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store->read([](const Tx& tx) { return tx.users().count(); }), 0u);
  EXPECT_LE(std::stoi(execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'latchkey' AND datname = "
                "current_database()")),
            2);
}

// A listing or a purge must not read a whole table, and none of the hot statements may sort.
TEST_F(PostgresStoreTest, statements_use_their_indexes) {
  open(settings()).value()->close();
  execute(
      "INSERT INTO users (id, email, created_at, updated_at) SELECT gen_random_uuid(), 'user' || i, 0, 0 "
      "FROM "
      "generate_series(1, 2000) AS i; "
      "INSERT INTO sessions SELECT gen_random_uuid(), id, 0, true, 0, 0, i, i, i, CASE WHEN i % 50 = 0 THEN "
      "i END, "
      "CASE WHEN i % 50 = 0 THEN 1 END, '', '', NULL FROM (SELECT id, row_number() OVER () AS i FROM users) "
      "AS numbered; "
      "INSERT INTO events SELECT gen_random_uuid(), 1, 0, id, NULL, '', '' FROM users; ANALYZE");
  const auto plan = [&](const std::string& sql) {
    std::string text;
    for (int line = 0;; ++line) {
      // So few rows would be read whole otherwise.
      const std::string next = server_.execute_nth(
          name_, "SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN (COSTS OFF) " + sql, line);
      if (next.empty()) return text;
      text += next + "; ";
    }
  };
  const std::string id = "'00000000-0000-7000-8000-000000000000'";
  EXPECT_THAT(plan("SELECT * FROM users WHERE email = 'x'"), HasSubstr("Index Scan using users_email"));
  EXPECT_THAT(plan("SELECT * FROM users WHERE username_key = 'x'"),
              HasSubstr("Index Scan using users_username_key"));
  EXPECT_THAT(plan("SELECT * FROM users WHERE phone = 'x'"), HasSubstr("Index Scan using users_phone"));
  EXPECT_THAT(plan("SELECT * FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = " +
                   id + " FOR NO KEY UPDATE OF sessions"),
              AllOf(HasSubstr("sessions_pkey"), HasSubstr("users_pkey"), Not(HasSubstr("Sort"))));
  EXPECT_THAT(
      plan("SELECT * FROM sessions WHERE user_id = " + id + " AND ended_at IS NULL AND expires_at > 1"),
      HasSubstr("Index Scan using sessions_user"));
  EXPECT_THAT(
      plan(
          "SELECT id FROM sessions WHERE ended_at IS NULL AND purge_check_at < 1 AND expires_at < 1 LIMIT 9"),
      HasSubstr("Index Scan using sessions_purge_check"));
  EXPECT_THAT(plan("SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < 1 LIMIT 9"),
              HasSubstr("sessions_ended"));
  EXPECT_THAT(plan("SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at > 1"),
              HasSubstr("Index Only Scan using sessions_purge_check"));
  EXPECT_THAT(plan("SELECT * FROM events WHERE id < " + id + " ORDER BY id DESC LIMIT 9"),
              AllOf(HasSubstr("Index Scan Backward using events_pkey"), Not(HasSubstr("Sort"))));
}

// What a refresh changes must not touch an index: the row stays on its page.
TEST_F(PostgresStoreTest, a_refresh_leaves_the_indexes_alone) {
  auto store = open(settings()).value();
  const domain::User user = make_user("ada");
  const domain::Session session = make_session(user);
  ASSERT_TRUE(store->transact([&](Tx& tx) -> Result<void> {
    if (auto inserted = tx.users().insert(user); !inserted) return inserted;
    tx.sessions().insert(session);
    return {};
  }));
  for (std::uint32_t counter = 0; counter < 20; ++counter) {
    ASSERT_TRUE(store
                    ->transact([&](Tx& tx) -> Result<bool> {
                      tx.sessions().lock_with_user(session.id);
                      return tx.sessions().rotate(
                          session.id, counter,
                          {counter + 1, clock_.now(), session.expires_at + base::Seconds(counter)});
                    })
                    .value());
  }
  store->close();
  // A session reports its figures when it ends, at the latest.
  EXPECT_EQ(
      execute(
          "SELECT pg_stat_clear_snapshot(); SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_user_tables WHERE "
          "relname = 'sessions' AND n_tup_upd = 20"),
      "0");
}

}  // namespace
}  // namespace latchkey::storage::postgres
