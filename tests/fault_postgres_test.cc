// Faults of the database under the whole server: while apps sign up, refresh, look and sign out, PostgreSQL
// stops and comes back, its connections are cut, rows stay locked, its disk is full. Every answer is right or
// a 503 that says when to try again, nothing that was acknowledged is lost, and it heals by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "storage/postgres/testing/postgres_server.h"
#include "support/api.h"
#include "support/expect.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using storage::postgres::testing::PostgresServer;

Settings on(const PostgresServer& database, const Settings& more = {}) {
  Settings settings = quick_settings(more);
  settings.push_back("database.url=" + database.url("postgres"));
  return settings;
}

// Whether it is what was asked for; otherwise it must be a whole 503.
bool worked(const Answer& answer, int status = 200) {
  if (answer.status == status) return true;
  EXPECT_EQ(answer.status, 503) << answer.summary();
  if (answer.code() != "overloaded") expect_error(answer, "storage_unavailable");
  EXPECT_NE(answer.header("retry-after"), "");
  return false;
}

// A person with an app: signs up, refreshes, looks, now and then signs out and signs up anew. Remembers what
// was acknowledged.
class Person {
 public:
  explicit Person(const Api& api) : api_(api) {}

  // One round of calls; whether all of them worked.
  bool go_on() {
    if (!session_) return sign_up();
    if (++rounds_ % 7 == 0) return sign_out();
    // Whether a refresh that failed has rotated is not known; its token is good for another try all the same.
    const Answer refreshed = api_.refresh(session_->refresh_token);
    if (!worked(refreshed)) return false;
    session_ = session_of(refreshed);
    return worked(api_.user(*session_));
  }

  // Once the database is well.
  void expect_nothing_lost() const {
    for (const auto& [email, uid] : accounts_) {
      const Answer login = api_.login(email);
      EXPECT_EQ(login.status, 200) << login.summary();
      EXPECT_EQ(login.text("uid"), uid);
    }
    for (const Session& ended : ended_) {
      EXPECT_EQ(api_.refresh(ended.refresh_token).code(), "refresh_token_not_found");
      EXPECT_EQ(api_.user(ended).code(), "session_not_found");
    }
    if (session_) {
      EXPECT_EQ(api_.user(*session_).status, 200);
      EXPECT_EQ(api_.refresh(session_->refresh_token).status, 200);
    }
  }
  std::size_t acknowledged() const { return accounts_.size() + ended_.size(); }

 private:
  bool sign_up() {
    const std::string email = new_email();
    const Answer made = api_.sign_up(email);
    if (!worked(made)) return false;
    session_ = session_of(made);
    accounts_.emplace_back(email, session_->uid);
    return true;
  }
  bool sign_out() {
    const Answer gone = api_.send("POST", "/logout?scope=local", *session_);
    const bool is_over = worked(gone, 204);
    if (is_over) ended_.push_back(*session_);
    session_.reset();  // without an answer, whether it is over is not known
    return is_over;
  }

  const Api api_;
  int rounds_ = 0;
  std::optional<Session> session_;
  std::vector<std::pair<std::string, std::string>> accounts_;  // email and uid
  std::vector<Session> ended_;
};

// Several people at once, until told to stop.
class Load {
 public:
  explicit Load(const RunningServer& server) {
    for (auto& person : people_) person = std::make_unique<Person>(server.api());
    for (auto& person : people_) {
      threads_.emplace_back([this, &person] {
        while (!done_) ++(person->go_on() ? worked_ : refused_);
      });
    }
  }
  ~Load() { stop(); }

  // Whether there were so many more rounds of that kind within the time.
  bool sees_work(seconds patience) { return sees(worked_, patience); }
  bool sees_refusals(seconds patience) { return sees(refused_, patience); }

  void stop() {
    done_ = true;
    threads_.clear();
  }
  void expect_nothing_lost() {
    stop();
    std::size_t acknowledged = 0;
    for (const auto& person : people_) {
      person->expect_nothing_lost();
      acknowledged += person->acknowledged();
    }
    EXPECT_GT(acknowledged, people_.size());
  }

 private:
  static bool sees(const std::atomic<int>& counter, seconds patience) {
    const int before = counter;
    const auto until = steady_clock::now() + patience;
    while (counter < before + 20) {
      if (steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::array<std::unique_ptr<Person>, 6> people_;
  std::atomic<bool> done_ = false;
  std::atomic<int> worked_ = 0;
  std::atomic<int> refused_ = 0;
  std::vector<std::jthread> threads_;
};

constexpr seconds kPatience{30};
// From the database's return on.
constexpr seconds kRecovery{5};

TEST(DatabaseFault, StoppedAndStartedUnderLoad) {
  PostgresServer database({.is_durable = true});
  const Installation here;
  const RunningServer server(here, on(database));
  Load load(server);
  for (const auto how : {PostgresServer::Stop::fast, PostgresServer::Stop::immediate}) {
    ASSERT_TRUE(load.sees_work(kPatience));
    database.stop(how);
    EXPECT_TRUE(load.sees_refusals(kPatience));
    EXPECT_EQ(server.api().root().get("/readyz").status, 503);
    EXPECT_EQ(server.api().root().get("/healthz").status, 200);
    database.start();
    EXPECT_TRUE(load.sees_work(kRecovery)) << "no recovery in time";
  }
  load.expect_nothing_lost();
  EXPECT_EQ(server.api().root().get("/readyz").status, 200);
}

TEST(DatabaseFault, ConnectionsCutAtRandom) {
  PostgresServer database;
  const Installation here;
  const RunningServer server(here, on(database));
  Load load(server);
  ASSERT_TRUE(load.sees_work(kPatience));
  int cuts = 0;
  for (int i = 0; i < 60; ++i) {
    cuts += std::stoi(database.execute("postgres",
                                       "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM "
                                       "pg_stat_activity WHERE application_name "
                                       "= 'latchkey' ORDER BY random() LIMIT 1) AS one"));
    ASSERT_TRUE(load.sees_work(kPatience));
  }
  EXPECT_GT(cuts, 0);
  EXPECT_TRUE(load.sees_work(kRecovery)) << "no recovery in time";
  load.expect_nothing_lost();
}

TEST(DatabaseFault, RowsThatStayLocked) {
  PostgresServer database;
  const Installation here;
  const RunningServer server(here, on(database, {"database.statement_timeout=300ms"}));
  Load load(server);
  ASSERT_TRUE(load.sees_work(kPatience));
  std::atomic<bool> is_over = false;
  std::jthread locker([&] {
    database.execute("postgres", "BEGIN; LOCK TABLE sessions; SELECT pg_sleep(2); COMMIT");
    is_over = true;
  });
  EXPECT_TRUE(load.sees_refusals(kPatience));
  while (!is_over) std::this_thread::yield();
  EXPECT_TRUE(load.sees_work(kRecovery)) << "no recovery in time";
  load.expect_nothing_lost();
}

// No file of the database may grow beyond 20 MB, as with a quota.
TEST(DatabaseFault, DiskFull) {
  PostgresServer database({.largest_file = 20U << 20});
  const Installation here;
  const RunningServer server(here, on(database));
  const Session ada = server.api().signed_up("ada@example.com");
  // Nearly full already: what Ada's metadata was is still there, as rows that nobody sees any more.
  database.execute("postgres", R"(DO $$ BEGIN
      WHILE pg_relation_size((SELECT reltoastrelid FROM pg_class WHERE relname = 'users')) < 19 << 20 LOOP
        UPDATE users SET user_metadata = (
            SELECT '{"noise":"' || string_agg(md5(random()::text), '') || '"}' FROM generate_series(1, 3000));
      END LOOP;
    END $$)");
  const std::string noise =
      database.execute("postgres", "SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 400)");
  std::vector<std::string> made;
  int refused = 0;
  for (int i = 0; i < 1000 && refused < 3; ++i) {
    const std::string email = new_email();
    if (worked(server.api().post(
            "/signup", {{"email", email}, {"password", kPassword}, {"data", {{"noise", noise}}}}))) {
      made.push_back(email);
    } else {
      ++refused;
    }
  }
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(server.api().user(ada).status, 200);  // needs no room
  EXPECT_EQ(database.execute("postgres", "SELECT count(*) FROM users"), std::to_string(made.size() + 1));
  // Room again.
  database.execute("postgres", "UPDATE users SET user_metadata = NULL");
  database.execute("postgres", "VACUUM FULL users");
  for (const std::string& email : made) EXPECT_EQ(server.api().login(email).status, 200) << email;
  EXPECT_EQ(server.api().refresh(ada.refresh_token).status, 200);
}

}  // namespace
}  // namespace latchkey::e2e
