// The database goes away and comes back, connections are cut, statements hang, the disk is full: every call
// answers rightly or throws storage_unavailable, nothing that was acknowledged is lost, and it heals by
// itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/testing/postgres_server.h"
#include "storage/postgres/transaction.h"

namespace latchkey::storage::postgres {
namespace {

using base::ErrorCode;
using base::InfraError;
using base::Result;
using domain::Store;
using domain::Tx;
using ::testing::HasSubstr;
using testing::PostgresServer;

domain::User make_user(const std::string& name, const base::Clock& clock, base::Random& random) {
  domain::User user;
  user.id = domain::UserId::make(clock.now(), random);
  user.email = domain::Email::make_trusted(name + "@example.com");
  user.created_at = user.updated_at = clock.now();
  return user;
}

class PostgresFaultTest : public ::testing::Test {
 protected:
  // The shared server, unless a test stops its own.
  std::unique_ptr<Store> open(PostgresServer& server, const std::string& database,
                              PostgresSettings with = {}) {
    with.address = base::Secret(server.address(database));
    auto store = open_postgres_store(with, clock_, *logger_);
    if (!store) throw std::runtime_error(store.error().detail);
    return *std::move(store);
  }
  domain::User make_user(const std::string& name) { return postgres::make_user(name, clock_, random_); }
  std::uint64_t count_users(Store& store) {
    return store.read([](const Tx& tx) { return tx.users().count(); });
  }
  // storage_unavailable is an answer; anything else is not.
  template <class Call>
  static bool answers(Call call) {
    try {
      call();
      return true;
    } catch (const InfraError& error) {
      EXPECT_EQ(error.code(), ErrorCode::storage_unavailable) << error.what();
      return false;
    }
  }
  // The call, again and again until the store answers: it may be away for a moment after the last fault.
  template <class Call>
  void call_until_it_answers(Call call) {
    const auto until = clock_.steady_now() + base::Seconds(5);
    while (!answers(call)) {
      if (clock_.steady_now() > until) throw std::runtime_error("no recovery in time");
      std::this_thread::yield();
    }
  }
  static int backend_of(const Tx& tx) { return static_cast<const PostgresTx&>(tx).connection.backend_id(); }
  void terminate(int backend) {
    server_.execute("postgres", "SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
  }

  PostgresServer& server_ = PostgresServer::shared();
  base::SystemClock clock_;
  base::testing::FakeRandom random_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

// A database of its own on the shared server.
class PostgresCutTest : public PostgresFaultTest {
 protected:
  ~PostgresCutTest() override {
    store_.reset();
    server_.give_back_database(name_);
  }
  const std::string name_ = server_.take_database();
  std::unique_ptr<Store> store_ = open(server_, name_, {.statement_timeout = base::Milliseconds(500)});
};

TEST_F(PostgresCutTest, a_connection_that_was_cut_while_idle_is_not_noticed) {
  const int backend = store_->read([](const Tx& tx) {
    tx.users().count();
    return backend_of(tx);
  });
  terminate(backend);
  EXPECT_EQ(count_users(*store_), 0u);
  const auto next = store_->transact([&](Tx& tx) -> Result<int> {
    if (auto inserted = tx.users().insert(make_user("ada")); !inserted) return base::fail(inserted.error());
    return backend_of(tx);
  });
  terminate(next.value());
  ASSERT_TRUE(store_->transact([&](Tx& tx) { return tx.users().insert(make_user("bob")); }));
  EXPECT_EQ(count_users(*store_), 2u);
}

TEST_F(PostgresCutTest, a_write_that_is_cut_before_its_commit_is_run_again) {
  const domain::User user = make_user("ada");
  int runs = 0;
  const auto written = store_->transact([&](Tx& tx) -> Result<void> {
    if (auto inserted = tx.users().insert(user); !inserted) return inserted;
    if (++runs == 1) terminate(backend_of(tx));
    if (!tx.users().find(user.id)) return base::fail(ErrorCode::not_found);
    return {};
  });
  EXPECT_TRUE(written);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count_users(*store_), 1u);
}

// Whether COMMIT arrived cannot be known, so that the work must not be run again.
TEST_F(PostgresCutTest, a_write_that_is_cut_at_its_commit_is_not_run_again) {
  const domain::User user = make_user("ada");
  int runs = 0;
  EXPECT_FALSE(answers([&] {
    std::ignore = store_->transact([&](Tx& tx) -> Result<void> {
      ++runs;
      if (auto inserted = tx.users().insert(user); !inserted) return inserted;
      terminate(backend_of(tx));
      return {};
    });
  }));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(count_users(*store_), 0u);
}

TEST_F(PostgresCutTest, a_read_that_is_cut_after_its_first_answer_fails_and_the_next_one_works) {
  EXPECT_FALSE(answers([&] {
    store_->read([&](const Tx& tx) {
      tx.users().count();
      terminate(backend_of(tx));
      return tx.users().count();
    });
  }));
  EXPECT_EQ(count_users(*store_), 0u);
}

TEST_F(PostgresCutTest, a_statement_that_waits_too_long_is_ended) {
  const domain::User user = make_user("ada");
  ASSERT_TRUE(store_->transact([&](Tx& tx) { return tx.users().insert(user); }));
  std::latch row_is_locked(1);
  std::latch go_on(1);
  std::thread holder([&] {
    // Its own limit is on statements, and it runs none meanwhile.
    std::ignore = store_->transact([&](Tx& tx) -> Result<void> {
      tx.users().set_last_sign_in(user.id, clock_.now());
      tx.users().count();
      row_is_locked.count_down();
      go_on.wait();
      return {};
    });
  });
  row_is_locked.wait();
  const auto start = clock_.steady_now();
  EXPECT_FALSE(
      answers([&] { std::ignore = store_->transact([&](Tx& tx) { return tx.users().update(user); }); }));
  EXPECT_LT(clock_.steady_now() - start, base::Seconds(5));
  go_on.count_down();
  holder.join();
  EXPECT_TRUE(store_->transact([&](Tx& tx) { return tx.users().update(user); }));
}

// Stopped in its tracks, as on a machine that hangs: the server cannot even end the statement.
TEST_F(PostgresCutTest, a_server_that_stops_answering_holds_nobody) {
  const int backend = store_->read([](const Tx& tx) {
    tx.users().count();
    return backend_of(tx);
  });
  kill(backend, SIGSTOP);
  const auto start = clock_.steady_now();
  EXPECT_FALSE(answers([&] { count_users(*store_); }));
  EXPECT_LT(clock_.steady_now() - start, base::Seconds(10));
  kill(backend, SIGCONT);
  EXPECT_EQ(count_users(*store_), 0u);
}

TEST_F(PostgresCutTest, connections_that_are_cut_at_random_lose_no_acknowledged_write) {
  constexpr int kThreads = 6;
  constexpr int kEach = 60;
  std::atomic<int> running = kThreads;
  std::atomic<int> refused = 0;
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        const domain::User user = make_user(name);
        bool written = false;
        if (!answers([&] {
              written = store_->transact([&](Tx& tx) { return tx.users().insert(user); }).has_value();
              EXPECT_TRUE(written);
            })) {
          ++refused;
        }
        if (written) {
          const std::lock_guard lock(mutex);
          acknowledged.insert(user.email->text());
        }
        answers([&] {
          const auto found = store_->read([&](const Tx& tx) { return tx.users().find(user.id); });
          EXPECT_TRUE(found || !written);
        });
      }
      --running;
    });
  }
  int cuts = 0;
  while (running > 0) {
    cuts += std::stoi(server_.execute(
        "postgres",
        "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '" +
            name_ + "' AND application_name = 'latchkey' ORDER BY random() LIMIT 1) AS one"));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(cuts, 0);
  // The last cut may have met a connection while it was made.
  std::vector<domain::User> users;
  call_until_it_answers([&] {
    users = store_->read([](const Tx& tx) { return tx.users().list({.after = {}, .limit = 1000}); });
  });
  std::set<std::string> stored;
  for (const domain::User& user : users) stored.insert(user.email->text());
  for (const std::string& email : acknowledged) EXPECT_TRUE(stored.contains(email)) << email;
  EXPECT_LE(stored.size() - acknowledged.size(), static_cast<std::size_t>(refused.load()));
}

TEST_F(PostgresFaultTest, a_server_that_stops_under_load_is_found_again) {
  PostgresServer server(PostgresServer::Options{.is_durable = true});
  auto store = open(server, "postgres");
  constexpr int kThreads = 6;
  std::atomic<bool> done = false;
  std::atomic<int> writes = 0;
  std::atomic<int> refusals = 0;
  std::mutex mutex;
  std::set<domain::UserId> acknowledged;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !done; ++i) {
        const domain::User user = make_user(std::to_string(t) + "-" + std::to_string(i));
        if (answers([&] {
              EXPECT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(user); }));
              const std::lock_guard lock(mutex);
              acknowledged.insert(user.id);
            })) {
          ++writes;
        } else {
          ++refusals;
        }
      }
    });
  }
  const auto wait_for_more = [&](const std::atomic<int>& counter, base::Seconds patience) {
    const int before = counter;
    const auto until = clock_.steady_now() + patience;
    while (counter < before + 20) {
      if (clock_.steady_now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  };
  for (const auto how : {PostgresServer::Stop::fast, PostgresServer::Stop::immediate}) {
    EXPECT_TRUE(wait_for_more(writes, base::Seconds(30)));
    server.stop(how);
    EXPECT_TRUE(wait_for_more(refusals, base::Seconds(30)));
    EXPECT_THROW(store->check_health(), InfraError);
    server.start();
    EXPECT_TRUE(wait_for_more(writes, base::Seconds(5))) << "no recovery in time";
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_NO_THROW(store->check_health());
  for (const domain::UserId& id : acknowledged) {
    EXPECT_TRUE(store->read([&](const Tx& tx) { return tx.users().find(id); }))
        << "an acknowledged write is lost";
  }
}

// No file of the server's may grow beyond 20 MB, as with a quota.
TEST_F(PostgresFaultTest, a_full_disk_is_storage_unavailable_and_passes) {
  PostgresServer server(PostgresServer::Options{.largest_file = 20U << 20});
  auto store = open(server, "postgres");
  const domain::User ada = make_user("ada");
  ASSERT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(ada); }));
  std::uint64_t stored = 1;
  int refused = 0;
  for (int i = 0; i < 1000 && refused < 3; ++i) {
    domain::User user = make_user(std::to_string(i));
    std::string noise;  // does not compress
    while (noise.size() < 100'000) noise += domain::UserId::make(clock_.now(), random_).to_string();
    user.user_metadata = base::JsonObjectText::make_trusted("{\"x\":\"" + noise + "\"}");
    if (answers([&] { EXPECT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(user); })); })) {
      ++stored;
    } else {
      ++refused;
    }
  }
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(count_users(*store), stored);
  EXPECT_TRUE(store->read([&](const Tx& tx) { return tx.users().find(ada.id); }));
  // Room again.
  server.execute("postgres", "DELETE FROM users WHERE user_metadata IS NOT NULL");
  server.execute("postgres", "VACUUM FULL users");
  EXPECT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(make_user("bob")); }));
  EXPECT_EQ(count_users(*store), 2u);
}

TEST_F(PostgresFaultTest, while_the_server_is_away_calls_fail_at_once) {
  PostgresServer server;
  auto store = open(server, "postgres");
  EXPECT_EQ(count_users(*store), 0u);
  server.stop(PostgresServer::Stop::fast);
  const auto start = clock_.steady_now();
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(answers([&] { count_users(*store); }));
  EXPECT_LT(clock_.steady_now() - start, base::Seconds(5));
  EXPECT_THROW(store->check_health(), InfraError);
}

}  // namespace
}  // namespace latchkey::storage::postgres
