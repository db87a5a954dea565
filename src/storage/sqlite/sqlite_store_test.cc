// What only the SQLite store has: its file, its schema, its queue.
#include "storage/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <future>
#include <latch>
#include <set>
#include <thread>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "storage/migrations.h"
#include "storage/sqlite/user_repository.h"

namespace latchkey::storage::sqlite {
namespace {

using base::ErrorCode;
using base::InfraError;
using base::Result;
using domain::Store;
using domain::Tx;
using ::testing::HasSubstr;

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "latchkey.db"; }
  SqliteSettings settings() const { return {.file = file()}; }
  Result<std::unique_ptr<Store>> open(const SqliteSettings& with) {
    return open_sqlite_store(with, clock_, *logger_);
  }
  // Runs statements on the file, past the store.
  void execute(const char* sql) const {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }
  domain::User make_user(const std::string& name) {
    domain::User user;
    user.id = domain::UserId::make(clock_.now(), random_);
    user.email = domain::Email::make_trusted(name + "@example.com");
    user.created_at = user.updated_at = clock_.now();
    return user;
  }

  base::testing::TemporaryFolder folder_;
  base::testing::FakeClock clock_;
  base::testing::FakeRandom random_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

TEST_F(SqliteStoreTest, files_are_private) {
  auto store = open(settings()).value();
  ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(make_user("ada")); }));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(stat((file().string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, closing_leaves_one_file) {
  auto store = open(settings()).value();
  ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(make_user("ada")); }));
  store->read([](const Tx& tx) { return tx.users().count(); });
  store->close();
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
}

TEST_F(SqliteStoreTest, log_stays_bounded_under_a_load_that_never_pauses) {
  SqliteSettings with = settings();
  with.checkpoint_pages = 50;
  auto store = open(with).value();
  std::uintmax_t longest = 0;
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(make_user(std::to_string(i))); }));
    longest = std::max(longest, std::filesystem::file_size(file().string() + "-wal"));
  }
  // 500 commits are some 1,500 pages; without a restart the log would have them all.
  EXPECT_LT(longest, 900u * 4096u);
}

TEST_F(SqliteStoreTest, refuses_a_newer_schema) {
  open(settings()).value()->close();
  execute(
      "INSERT INTO schema_migrations VALUES ((SELECT max(number) + 1 FROM schema_migrations), 'later', 'x', "
      "0)");
  const auto store = open(settings());
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message.value(), HasSubstr("newer than this program"));
}

TEST_F(SqliteStoreTest, refuses_a_changed_migration) {
  open(settings()).value()->close();
  execute("UPDATE schema_migrations SET checksum = 'x' WHERE number = 1");
  const auto store = open(settings());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::storage_unavailable);
  EXPECT_THAT(store.error().message.value(), HasSubstr("Migration 1"));
}

TEST_F(SqliteStoreTest, migrates_only_when_allowed_to) {
  SqliteSettings with = settings();
  with.migrations = MigrationMode::refuse;
  const auto refused = open(with);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message.value(), HasSubstr("Run latchkey migrate"));
  for (const MigrationStatus& step : read_sqlite_migrations(with).value()) EXPECT_FALSE(step.is_applied);

  open(settings()).value()->close();
  EXPECT_TRUE(open(with));
  const auto steps = read_sqlite_migrations(with).value();
  ASSERT_EQ(steps.size(), sqlite_migrations().size());
  for (const MigrationStatus& step : steps) EXPECT_TRUE(step.is_applied);
}

TEST_F(SqliteStoreTest, reading_the_schema_of_no_file_makes_none) {
  EXPECT_EQ(read_sqlite_migrations(settings()).value().size(), sqlite_migrations().size());
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SqliteStoreTest, many_that_start_at_once_migrate_once) {
  for (int round = 0; round < 5; ++round) {
    SqliteSettings with = settings();
    with.file = folder_.path() / ("round" + std::to_string(round));
    constexpr int kThreads = 6;
    std::latch all_are_there(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        all_are_there.arrive_and_wait();
        const auto store = open(with);
        ASSERT_TRUE(store) << store.error().detail;
        EXPECT_TRUE(
            (*store)->transact([&](Tx& tx) { return tx.users().insert(make_user(std::to_string(i))); }));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(open(with).value()->read([](const Tx& tx) { return tx.users().count(); }), 6u);
  }
}

TEST_F(SqliteStoreTest, a_full_queue_is_overloaded_and_says_so_at_once) {
  SqliteSettings with = settings();
  with.write_queue_length = 3;
  auto store = open(with).value();
  std::latch writer_is_busy(1);
  std::latch go_on(1);
  std::thread blocker([&] {
    EXPECT_TRUE(store->transact([&](Tx&) -> Result<void> {
      writer_is_busy.count_down();
      go_on.wait();
      return {};
    }));
  });
  writer_is_busy.wait();
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) store->post([&](Tx&) { ++ran; });
  EXPECT_EQ(store->stats().write_queue_length, 3u);
  try {
    store->transact([](Tx&) -> Result<void> { return {}; });
    ADD_FAILURE() << "accepted";
  } catch (const InfraError& error) {
    EXPECT_EQ(error.code(), ErrorCode::overloaded);
  }
  store->post([&](Tx&) { ++ran; });  // dropped
  go_on.count_down();
  blocker.join();
  store->close();
  EXPECT_EQ(ran, 3);
}

TEST_F(SqliteStoreTest, waiting_transactions_share_commits_of_bounded_size) {
  SqliteSettings with = settings();
  with.write_batch_size = 4;
  auto store = open(with).value();
  std::latch writer_is_busy(1);
  std::latch go_on(1);
  store->post([&](Tx&) {
    writer_is_busy.count_down();
    go_on.wait();
  });
  writer_is_busy.wait();
  for (int i = 0; i < 10; ++i) {
    const domain::User user = make_user(std::to_string(i));
    store->post([user](Tx& tx) { std::ignore = tx.users().insert(user); });
  }
  go_on.count_down();
  store->close();
  EXPECT_EQ(store->stats().transactions, 11u);
  EXPECT_EQ(store->stats().commits, 4u);  // 1, 4, 4, 2
}

// Writes that may wait for company, on a store where they would wait for an hour.
class SharedCommitTest : public SqliteStoreTest {
 protected:
  std::unique_ptr<Store> open_patient(base::Milliseconds hold = base::Milliseconds(3'600'000)) {
    SqliteSettings with = settings();
    with.write_batch_size = 8;
    with.longest_write_hold = hold;
    auto store = open(with).value();
    commits_before_ = store->stats().commits;
    return store;
  }
  // Queues a write; the future is its outcome.
  std::future<bool> queue(Store& store, const std::string& name, domain::CommitTiming timing) {
    auto told = std::make_shared<std::promise<bool>>();
    store.transact_then(
        [user = make_user(name)](Tx& tx) { return tx.users().insert(user); },
        [told](domain::Settled<Result<void>> settled) { told->set_value(settled.get().has_value()); },
        timing);
    return told->get_future();
  }
  std::uint64_t commits(const Store& store) const { return store.stats().commits - commits_before_; }

 private:
  std::uint64_t commits_before_ = 0;
};

TEST_F(SharedCommitTest, held_writes_go_with_the_next_that_is_not) {
  auto store = open_patient();
  auto first = queue(*store, "first", domain::CommitTiming::shared);
  auto second = queue(*store, "second", domain::CommitTiming::shared);
  EXPECT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(make_user("third")); }));
  EXPECT_TRUE(first.get() && second.get());
  EXPECT_EQ(commits(*store), 1u);
  auto fourth = queue(*store, "fourth", domain::CommitTiming::shared);
  EXPECT_TRUE(queue(*store, "fifth", domain::CommitTiming::at_once).get());
  EXPECT_TRUE(fourth.get());
  EXPECT_EQ(commits(*store), 2u);
}

TEST_F(SharedCommitTest, half_a_batch_is_company_enough) {
  auto store = open_patient();
  std::vector<std::future<bool>> outcomes;
  for (int i = 0; i < 4; ++i) {
    outcomes.push_back(queue(*store, std::to_string(i), domain::CommitTiming::shared));
  }
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get());
  EXPECT_EQ(commits(*store), 1u);
}

TEST_F(SharedCommitTest, nobody_waits_longer_than_the_limit) {
  auto store = open_patient(base::Milliseconds(1));
  EXPECT_TRUE(queue(*store, "alone", domain::CommitTiming::shared).get());
  EXPECT_EQ(commits(*store), 1u);
}

TEST_F(SharedCommitTest, what_is_held_is_written_when_the_store_closes) {
  auto store = open_patient();
  auto held = queue(*store, "held", domain::CommitTiming::shared);
  store->close();
  EXPECT_TRUE(held.get());
  EXPECT_EQ(open(settings()).value()->read([](const Tx& tx) { return tx.users().count(); }), 1u);
}

// So that the look-up of an account that is not there touches pages as cold as another's.
TEST_F(SqliteStoreTest, unrelated_accounts_are_from_anywhere_in_the_table) {
  auto store = open(settings()).value();
  const auto unrelated_to = [&](const std::string& name) {
    return store->read([&](const Tx& tx) {
      const auto& users = static_cast<const SqliteUserRepository&>(tx.users());
      return users.find_unrelated(domain::Identifier(domain::Email::make_trusted(name)));
    });
  };
  EXPECT_FALSE(unrelated_to("nobody@example.com"));
  std::ignore = store->transact([&](Tx& tx) -> Result<void> {
    for (int i = 0; i < 100; ++i) {
      clock_.advance(base::Seconds(60));
      std::ignore = tx.users().insert(make_user(std::to_string(i)));
    }
    return {};
  });
  std::set<domain::UserId> seen;
  for (int i = 0; i < 200; ++i) {
    const auto found = unrelated_to("nobody" + std::to_string(i) + "@example.org");
    if (found) seen.insert(found->id);
  }
  EXPECT_GT(seen.size(), 50u);
  EXPECT_EQ(unrelated_to("x@example.org")->id, unrelated_to("x@example.org")->id);
}

TEST_F(SqliteStoreTest, a_store_without_a_file_is_private_and_leaves_nothing) {
  auto first = open({}).value();
  auto second = open({}).value();
  const domain::User user = make_user("ada");
  ASSERT_TRUE(first->transact([&](Tx& tx) { return tx.users().insert(user); }));
  EXPECT_EQ(first->read([](const Tx& tx) { return tx.users().count(); }), 1u);
  EXPECT_EQ(second->read([](const Tx& tx) { return tx.users().count(); }), 0u);
}

// A listing or a purge must not read a whole table, and none of the hot statements may sort.
TEST_F(SqliteStoreTest, statements_use_their_indexes) {
  open(settings()).value()->close();
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &handle), SQLITE_OK);
  const auto plan = [&](const char* sql) {
    std::string text;
    sqlite3_stmt* statement = nullptr;
    const std::string explain = std::string("EXPLAIN QUERY PLAN ") + sql;
    EXPECT_EQ(sqlite3_prepare_v2(handle, explain.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      text += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
      text += "; ";
    }
    sqlite3_finalize(statement);
    return text;
  };
  EXPECT_THAT(plan("SELECT * FROM users WHERE email = ?"), HasSubstr("USING INDEX users_email (email=?)"));
  EXPECT_THAT(plan("SELECT * FROM users WHERE username_key = ?"),
              HasSubstr("USING INDEX users_username_key"));
  EXPECT_THAT(plan("SELECT * FROM users WHERE phone = ?"), HasSubstr("USING INDEX users_phone"));
  const std::string of_user = plan(
      "SELECT * FROM sessions WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? ORDER BY id DESC");
  EXPECT_THAT(of_user, HasSubstr("USING INDEX sessions_user (user_id=?)"));
  EXPECT_THAT(of_user, ::testing::Not(HasSubstr("TEMP B-TREE")));
  EXPECT_THAT(plan("SELECT id FROM sessions WHERE ended_at IS NULL AND purge_check_at < ?1 AND expires_at < "
                   "?1 LIMIT 9"),
              HasSubstr("USING INDEX sessions_purge_check (purge_check_at<?)"));
  EXPECT_THAT(plan("SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT 9"),
              HasSubstr("COVERING INDEX sessions_ended"));
  EXPECT_THAT(plan("SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at > ?1"),
              HasSubstr("COVERING INDEX sessions_purge_check"));
  const std::string events =
      plan("SELECT * FROM events WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT 9");
  EXPECT_THAT(events, HasSubstr("USING INDEX events_user (user_id=? AND id<?)"));
  EXPECT_THAT(events, ::testing::Not(HasSubstr("TEMP B-TREE")));
  sqlite3_close(handle);
}

}  // namespace
}  // namespace latchkey::storage::sqlite
