// Moves of a database by the program itself: people stay signed in from SQLite to PostgreSQL and back, and a
// move that is killed goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "storage/postgres/testing/postgres_server.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using storage::postgres::testing::PostgresServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Nobody can write that table while this is there; everybody can read it.
class PostgresLock {
 public:
  PostgresLock(const PostgresServer& server, const std::string& database, const std::string& table)
      : connection_(PQconnectdb(server.address(database).c_str())) {
    const std::string sql = "BEGIN; LOCK TABLE " + table + " IN EXCLUSIVE MODE";
    const std::unique_ptr<PGresult, decltype(&PQclear)> locked(PQexec(connection_.get(), sql.c_str()),
                                                               PQclear);
    if (PQresultStatus(locked.get()) != PGRES_COMMAND_OK)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

class Move : public ::testing::Test {
 protected:
  ~Move() override { postgres_.give_back_database(database_); }

  std::string sqlite_url(const std::string& name = "latchkey.db") const {
    return "sqlite:" + (here_.data() / name).string();
  }
  std::string postgres_url() const { return postgres_.url(database_); }
  std::string execute(const std::string& sql) const { return postgres_.execute(database_, sql); }
  Outcome move(const std::string& from, const std::string& to, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"migrate", "--from", from, "--to", to};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return here_.run(arguments);
  }
  static Settings on(const std::string& url) { return quick_settings({"database.url=" + url}); }
  // Signs somebody up on a server that is stopped again.
  Session sign_up(std::string_view email) const {
    const RunningServer server(here_, quick_settings());
    return server.api().signed_up(email);
  }

  PostgresServer& postgres_ = PostgresServer::shared();
  const std::string database_ = postgres_.take_database();
  const Installation here_;
};

TEST_F(Move, people_stay_signed_in_to_postgresql_and_back) {
  const std::string email = new_email();
  Session device, other;
  std::string keys;
  {
    const RunningServer server(here_, quick_settings());
    device = server.api().signed_up(email);
    other = server.api().logged_in(email);
    keys = server.api().get("/.well-known/jwks.json").body;
  }
  const Outcome there = move(sqlite_url(), "postgres:" + postgres_url());
  ASSERT_EQ(there.status, 0) << there.err;
  EXPECT_THAT(there.out, HasSubstr("counts and checksums of both sides are the same"));
  EXPECT_THAT(there.err, HasSubstr("copying sessions: 2 of 2 rows"));
  {
    const RunningServer server(here_, on(postgres_url()));
    const Api api = server.api();
    EXPECT_EQ(api.get("/.well-known/jwks.json").body, keys);
    EXPECT_EQ(api.user(device).status, 200) << "with the access token from before";
    device = api.refreshed(device);
    EXPECT_EQ(api.login(email).status, 200);
    EXPECT_EQ(api.signed_up(new_email()).uid.size(), 36u);
  }
  const Outcome back = move(postgres_url(), sqlite_url("back.db"));
  ASSERT_EQ(back.status, 0) << back.err;
  {
    const RunningServer server(here_, on(sqlite_url("back.db")));
    const Api api = server.api();
    EXPECT_EQ(api.user(device).status, 200);
    device = api.refreshed(device);
    other = api.refreshed(other);
    EXPECT_EQ(api.login(email).status, 200);
    EXPECT_EQ(here_.run({"session", "list", email}, {}, on(sqlite_url("back.db"))).status, 0);
  }
}

TEST_F(Move, the_configured_database_is_the_other_end) {
  sign_up("ada@example.com");
  const Outcome moved = here_.run({"migrate", "--to", postgres_url()});
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_EQ(execute("SELECT email FROM users"), "ada@example.com");
}

TEST_F(Move, a_dry_run_says_what_there_is_and_changes_nothing) {
  sign_up(new_email());
  const Outcome planned = move(sqlite_url(), postgres_url(), {"--dry-run", "--json"});
  ASSERT_EQ(planned.status, 0) << planned.err;
  const json::value plan = json::parse(planned.out);
  EXPECT_TRUE(plan.at("makes_tables").as_bool());
  EXPECT_FALSE(plan.at("continues").as_bool());
  for (const json::value& table : plan.at("tables").as_array()) {
    EXPECT_EQ(table.at("arrived").as_int64(), 0);
    EXPECT_TRUE(table.at("name").as_string() != "users" || table.at("rows").as_int64() == 1);
  }
  EXPECT_EQ(execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
  EXPECT_EQ(move(sqlite_url(), sqlite_url("new.db"), {"--dry-run"}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(here_.data() / "new.db"));
  // Looking disturbs no server.
  const RunningServer server(here_, quick_settings());
  EXPECT_EQ(move(sqlite_url(), postgres_url(), {"--dry-run"}).status, 0);
}

TEST_F(Move, a_running_server_is_in_the_way) {
  const RunningServer server(here_, quick_settings());
  const Outcome refused = move(sqlite_url(), postgres_url());
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("is in use"), HasSubstr("Stop the Latchkey server")));
}

TEST_F(Move, a_target_that_is_not_empty_is_exit_1) {
  sign_up(new_email());
  ASSERT_EQ(here_.run({"user", "add", "--email", "bob@example.com", "--no-password"}, {}, on(postgres_url()))
                .status,
            0);
  const Outcome refused = move(sqlite_url(), postgres_url(), {"--json"});
  EXPECT_EQ(refused.status, 1);
  const json::value error = json::parse(refused.err).at("error");
  EXPECT_EQ(error.at("code").as_string(), "target_not_empty");
  EXPECT_THAT(std::string(error.at("message").as_string()), HasSubstr("1 users"));
}

TEST_F(Move, what_cannot_be_read_is_exit_4_and_no_source_is_exit_1) {
  EXPECT_EQ(move(sqlite_url("nothing.db"), postgres_url()).status, 1);
  EXPECT_FALSE(std::filesystem::exists(here_.data() / "nothing.db"));
  sign_up(new_email());
  EXPECT_EQ(
      move(sqlite_url(), "postgres://latchkey@/no_such_database?host=" + postgres_.socket_folder()).status,
      4);
}

TEST_F(Move, passwords_are_never_shown) {
  const std::string user = database_ + "_owner";
  execute("CREATE ROLE " + user + " LOGIN PASSWORD 'correct-horse'; ALTER DATABASE " + database_ +
          " OWNER TO " + user);
  postgres_.require_password(user);
  sign_up(new_email());
  const auto url = [&](const std::string& secret) {
    return fmt::format("postgres://{}{}@/{}?host={}", user, secret, database_, postgres_.socket_folder());
  };
  const auto file = here_.folder() / "password";
  std::ofstream(file) << "correct-horse\n";

  const Outcome wrong = move(sqlite_url(), url(":battery-staple"));
  EXPECT_EQ(wrong.status, 4);
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("refuses the password"), Not(HasSubstr("battery-staple"))));
  EXPECT_EQ(move(sqlite_url(), url("")).status, 4);
  EXPECT_EQ(move(sqlite_url(), "mysql://" + user + ":battery-staple@/x").err.find("battery-staple"),
            std::string::npos);
  // The password of the file counts, as it does for a server.
  EXPECT_EQ(move(sqlite_url(), url(":battery-staple"), {"--to-password-file", file, "--dry-run"}).status, 0);
  // The configured one is for the configured database only.
  const Settings configured =
      quick_settings({"database.url=" + url(""), "database.password_file=" + file.string()});
  const auto plan = [&](std::vector<std::string> to) {
    to.insert(to.begin(), {"migrate", "--dry-run", "--from", sqlite_url()});
    return here_.run(to, {}, configured).status;
  };
  EXPECT_EQ(plan({}), 0);
  EXPECT_EQ(plan({"--to", url("")}), 0);
  EXPECT_EQ(plan({"--to", url("") + "&connect_timeout=9"}), 4);
  const Outcome moved = move(sqlite_url(), url(":correct-horse"));
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_THAT(moved.out + moved.err, AllOf(HasSubstr("(hidden)"), Not(HasSubstr("correct-horse"))));
  const Outcome back = move(url(""), sqlite_url("back.db"), {"--from-password-file", file, "--json"});
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_THAT(back.out + back.err + postgres_.log(), Not(HasSubstr("correct-horse")));
  execute("REASSIGN OWNED BY " + user + " TO latchkey; DROP OWNED BY " + user + "; ALTER DATABASE " +
          database_ + " OWNER TO latchkey; DROP ROLE " + user);
}

// A table that nobody may write holds the move up, so that it is killed in the middle whatever the machine
// does.
TEST_F(Move, a_move_that_is_killed_goes_on_and_meanwhile_no_server_starts) {
  const std::string email = new_email();
  const Session session = sign_up(email);
  ASSERT_EQ(here_.run({"migrate", "--database", postgres_url()}).status, 0) << "the tables";
  EXPECT_EQ(execute("TRUNCATE users, passwords, sessions, keys, events"), "");
  for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
    const PostgresLock held(postgres_, database_, "sessions");
    const auto moving =
        std::make_unique<Process>(std::vector<std::string>{LATCHKEY_BINARY, "migrate", "--from", sqlite_url(),
                                                           "--to", postgres_url(), "--json"},
                                  here_.folder());
    ASSERT_TRUE(moving->wait_for_out(R"("stage":"copying","table":"sessions","rows":0)")) << moving->err();
    moving->signal(signal);
    EXPECT_EQ(moving->wait(), 128 + signal);
  }
  const auto server = here_.start(on(postgres_url()));
  EXPECT_EQ(server->wait(), 1);
  EXPECT_THAT(server->err(), HasSubstr("has begun and not ended"));
  EXPECT_EQ(here_.run({"user", "list"}, {}, on(postgres_url())).status, 4);
  EXPECT_EQ(here_.run({"migrate"}, {}, on(postgres_url())).status, 4);

  const Outcome moved = move(sqlite_url(), postgres_url(), {"--json"});
  ASSERT_EQ(moved.status, 0) << moved.err;
  const json::value report = json::parse(moved.out.substr(moved.out.rfind("{\"event\":\"moved\"")));
  for (const json::value& table : report.at("tables").as_array()) {
    const bool had_arrived = table.at("name").as_string() != "sessions";
    EXPECT_EQ(table.at("kept").as_int64(), had_arrived ? table.at("rows").as_int64() : 0) << table;
  }
  const RunningServer running(here_, on(postgres_url()));
  EXPECT_EQ(running.api().user(session).status, 200);
}

TEST_F(Move, a_copy_that_differs_is_exit_5_and_is_copied_anew) {
  sign_up("ada@example.com");
  ASSERT_EQ(here_.run({"migrate", "--database", postgres_url()}).status, 0);
  EXPECT_EQ(execute("TRUNCATE users, passwords, sessions, keys, events"), "");
  {
    const PostgresLock held(postgres_, database_, "sessions");
    Process moving({LATCHKEY_BINARY, "migrate", "--from", sqlite_url(), "--to", postgres_url(), "--json"},
                   here_.folder());
    ASSERT_TRUE(moving.wait_for_out(R"("stage":"copying","table":"sessions","rows":0)")) << moving.err();
  }
  execute("UPDATE users SET email = 'eve@example.com'");
  const Outcome differs = move(sqlite_url(), postgres_url(), {"--json"});
  EXPECT_EQ(differs.status, 5);
  EXPECT_EQ(json::parse(differs.err).at("error").at("code").as_string(), "copy_differs");
  EXPECT_EQ(move(sqlite_url(), postgres_url()).status, 0);
  EXPECT_EQ(execute("SELECT email FROM users"), "ada@example.com");
}

}  // namespace
}  // namespace latchkey::e2e
