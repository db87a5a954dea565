// Running it: start, restart, reload, stop, and commands beside the server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Asks until it is so; a deadline ends it.
bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

std::string key_id(const Session& session) {
  return std::string(header_of(session.access_token).at("kid").as_string());
}

// --- start -----------------------------------------------------------------------------------------------

TEST(Start, PrintsACurlLineThatWorks) {
  const Installation here;
  RunningServer server(here, {});  // with the defaults, as a new user would
  ASSERT_TRUE(server.process().wait_for_out("}'\n"));
  const std::string out = server.process().out();
  EXPECT_THAT(out, HasSubstr("listening on http://127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(out, HasSubstr(here.data().string()));
  Process curl({"/bin/bash", "-c", out.substr(out.find("curl "))}, here.folder());
  ASSERT_EQ(curl.wait(), 0) << curl.err();
  const json::value answer = json::parse(curl.out());
  EXPECT_EQ(answer.at("user").at("email"), "ada@example.com");
  EXPECT_EQ(server.api().login("ada@example.com").status, 200);
}

TEST(Start, MakesItsFilesForItsOwnerOnly) {
  const RunningServer server;
  const auto others = fs::perms::group_all | fs::perms::others_all;
  const fs::path data = server.installation().data();
  EXPECT_EQ(fs::status(data).permissions() & others, fs::perms::none);
  EXPECT_EQ(fs::status(data / "master.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(data / "latchkey.db").permissions() & others, fs::perms::none);
}

TEST(Start, PortInUseIsAClearError) {
  const RunningServer first;
  const Installation here;
  const auto second = here.start(quick_settings(), "127.0.0.1:" + std::to_string(first.port()));
  EXPECT_EQ(second->wait(), 1);
  EXPECT_THAT(second->err(), HasSubstr(std::to_string(first.port())));
  EXPECT_THAT(second->err(), HasSubstr("in use"));
}

TEST(Start, WrongMasterSecretIsAClearError) {
  const Installation here;
  {
    const RunningServer first(here, quick_settings());
  }
  std::ofstream(here.data() / "master.key") << "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  const auto second = here.start(quick_settings());
  EXPECT_NE(second->wait(), 0);
  EXPECT_THAT(second->err(), HasSubstr("master secret"));
  fs::remove(here.data() / "master.key");
  const auto third = here.start(quick_settings());
  EXPECT_NE(third->wait(), 0) << "a new secret is made only for a new database";
}

TEST(Start, ANewerSchemaIsRefused) {
  const Installation here;
  {
    const RunningServer first(here, quick_settings());
  }
  Process sql(
      {"/usr/bin/env", "python3", "-c",
       "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.row_factory = sqlite3.Row\n"
       "row = dict(db.execute('select * from schema_migrations order by number desc').fetchone())\n"
       "row['number'] += 1\n"
       "names = ', '.join(row); marks = ', '.join('?' * len(row))\n"
       "db.execute(f'insert into schema_migrations ({names}) values ({marks})', tuple(row.values()))\n"
       "db.commit()",
       (here.data() / "latchkey.db").string()},
      here.folder());
  ASSERT_EQ(sql.wait(), 0) << sql.err();
  const auto second = here.start(quick_settings());
  EXPECT_NE(second->wait(), 0);
  EXPECT_THAT(second->err(), HasSubstr("newer"));
}

TEST(Start, MistakesInTheConfigurationAreToldAtOnce) {
  const Installation here;
  const auto server = here.start({"session.idle_lifetme=1d", "log.level=loud"});
  EXPECT_EQ(server->wait(), 3);
  EXPECT_THAT(server->err(), HasSubstr("idle_lifetime"));
  EXPECT_THAT(server->err(), HasSubstr("log.level"));
}

// --- restart and keys ------------------------------------------------------------------------------------

TEST(Restart, KeepsSessionsAndKeys) {
  const Installation here;
  Session session;
  {
    const RunningServer first(here, quick_settings());
    session = first.api().signed_up("ada@example.com");
  }
  const RunningServer second(here, quick_settings());
  EXPECT_EQ(second.api().user(session).status, 200);
  const Session refreshed = second.api().refreshed(session);
  EXPECT_EQ(key_id(refreshed), key_id(session));
  EXPECT_EQ(second.api().login("ada@example.com").status, 200);
}

TEST(Restart, MasterSecretCanBeChanged) {
  const Installation here;
  const std::string old_secret(43, 'a');
  const std::string new_secret(43, 'b');
  Session session;
  {
    const RunningServer first(here, quick_settings({"keys.master_secret=" + old_secret}));
    session = first.api().signed_up("ada@example.com");
  }
  {
    const RunningServer both(here, quick_settings({"keys.master_secret=" + new_secret + "," + old_secret}));
  }
  const RunningServer last(here, quick_settings({"keys.master_secret=" + new_secret}));
  EXPECT_EQ(last.api().user(session).status, 200);
  EXPECT_EQ(last.api().refresh(session.refresh_token).status, 200);
}

TEST(KeysRotate, BesideTheServerSignsNobodyOut) {
  const RunningServer server;
  const Api api = server.api();
  Session session = api.signed_up("ada@example.com");
  const std::string first = key_id(session);
  const json::value before = api.get("/.well-known/jwks.json").at("keys");
  const Outcome rotated = server.installation().run({"keys", "rotate"});
  ASSERT_EQ(rotated.status, 0) << rotated.err;
  EXPECT_TRUE(comes_true([&] {
    EXPECT_EQ(api.user(session).status, 200);
    return key_id(api.logged_in("ada@example.com")) != first;
  }));
  const std::string second = key_id(api.logged_in("ada@example.com"));
  EXPECT_THAT(json::serialize(before), HasSubstr(second)) << "published before it signed";
  EXPECT_EQ(api.user(session).status, 200);
  EXPECT_EQ(api.user(api.refreshed(session)).status, 200);
}

// --- reload ----------------------------------------------------------------------------------------------

TEST(Reload, TakesUpWhatChanged) {
  const Installation here;
  const auto write = [&](const std::string& text) { std::ofstream(here.folder() / "latchkey.toml") << text; };
  write("[signup]\nenabled = true\n");
  RunningServer server(here, quick_settings());
  const Session session = server.api().signed_up("ada@example.com");
  write("[signup]\nenabled = false\n");
  server.process().signal(SIGHUP);
  ASSERT_TRUE(server.process().wait_for_err("configuration reloaded"));
  expect_error(server.api().sign_up(new_email()), "signup_disabled");
  EXPECT_EQ(server.api().user(session).status, 200);
  write("[signup]\nenabled = maybe\n");
  server.process().signal(SIGHUP);
  ASSERT_TRUE(server.process().wait_for_err("configuration not reloaded"));
  expect_error(server.api().sign_up(new_email()), "signup_disabled");
}

// The origin that an answer on this connection allows.
std::string allowed_origin(Connection& connection) {
  connection.send(
      request_text("GET", "/auth/v1/health", {.headers = {{"Origin", "https://app.example.com"}}}));
  const auto answer = connection.read_answer();
  return answer ? answer->header("access-control-allow-origin") : "no answer";
}

// A connection that is open keeps the policies it began with; both reach it when it is made anew.
TEST(Reload, OriginsAndProxiesHoldForNewConnections) {
  const Installation here;
  const auto write = [&](const std::string& text) { std::ofstream(here.folder() / "latchkey.toml") << text; };
  write("[cors]\nallowed_origins = [\"https://other.example.com\"]\n");
  RunningServer server(here, quick_settings({"log.requests=all"}));
  Connection open(server.port());
  EXPECT_EQ(allowed_origin(open), "");

  write(
      "[cors]\nallowed_origins = [\"https://*.example.com\"]\n[server]\ntrusted_proxies = [\"127.0.0.1\"]\n");
  server.process().signal(SIGHUP);
  ASSERT_TRUE(server.process().wait_for_err("configuration reloaded"));
  EXPECT_EQ(allowed_origin(open), "");
  Connection fresh(server.port());
  EXPECT_EQ(allowed_origin(fresh), "https://app.example.com");

  const auto client_ip = [&](const Session& session) {
    return std::string(server.api().get("/sessions", session).at("sessions").at(0).at("ip").as_string());
  };
  const Answer signed_up = server.api().call(
      "POST", "/signup",
      {.body = json::serialize(json::object{{"email", new_email()}, {"password", kPassword}}),
       .headers = {{"X-Forwarded-For", "192.0.2.7"}}});
  EXPECT_EQ(client_ip(session_of(signed_up)), "192.0.2.7");
}

// --- stop ------------------------------------------------------------------------------------------------

// What was answered before the stop is there after it, and every request that was taken was answered whole.
TEST(Stop, UnderLoadLosesNothingThatWasAnswered) {
  const Installation here;
  std::mutex mutex;
  std::vector<std::pair<std::string, Session>> acknowledged;
  {
    RunningServer server(here, quick_settings());
    const Api api = server.api();
    std::atomic<int> answered{0};
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        try {
          for (;;) {
            const std::string email = new_email();
            const Answer answer = api.sign_up(email);
            if (answer.status != 200) continue;
            const std::lock_guard lock(mutex);
            acknowledged.emplace_back(email, session_of(answer));
            ++answered;
          }
        } catch (const std::runtime_error&) {
          // The server is gone.
        }
      });
    }
    ASSERT_TRUE(comes_true([&] { return answered >= 50; }));
    EXPECT_EQ(server.stop(), 0) << server.log();
  }
  const RunningServer again(here, quick_settings());
  for (const auto& [email, session] : acknowledged) {
    EXPECT_EQ(again.api().user(session).text("email"), email);
  }
}

// --- watching --------------------------------------------------------------------------------------------

TEST(Readiness, EndsWhileTheDatabaseFileIsAway) {
  RunningServer server;
  const Api root = server.api().root();
  const fs::path file = server.installation().data() / "latchkey.db";
  const fs::path elsewhere = server.installation().folder() / "moved.db";
  EXPECT_EQ(root.get("/readyz").status, 200);
  fs::rename(file, elsewhere);
  expect_error(root.get("/readyz"), "storage_unavailable");
  EXPECT_EQ(root.get("/healthz").status, 200) << "the process lives";
  fs::rename(elsewhere, file);
  const Answer back = root.get("/readyz");
  EXPECT_EQ(back.status, 200);
  EXPECT_EQ(back.body, root.get("/healthz").body);
  EXPECT_EQ(server.api().sign_up(new_email()).status, 200);
  ASSERT_TRUE(server.process().wait_for_err("the database file was moved or deleted"));
}

TEST(Metrics, CountWhatHappened) {
  const RunningServer server;
  const Api api = server.api();
  const Session session = api.signed_up(new_email());
  for (int i = 0; i < 3; ++i) api.user(session);
  api.login("nobody@example.com");
  const Answer metrics = api.root().get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.header("content-type"), HasSubstr("text/plain; version=0.0.4"));
  for (const char* line :
       {"latchkey_requests_total{operation=\"get_user\",status=\"200\"} 3",
        "latchkey_requests_total{operation=\"sign_up\",status=\"200\"} 1",
        "latchkey_requests_total{operation=\"login\",status=\"400\"} 1", "latchkey_password_hashes_total 2",
        "latchkey_commits_total", "latchkey_lane_queue_length"}) {
    EXPECT_THAT(metrics.body, HasSubstr(line));
  }
  // Behind a proxy on this machine everybody would look local.
  expect_error(api.root().call("GET", "/metrics", {.headers = {{"X-Forwarded-For", "192.0.2.1"}}}),
               "not_found");
}

TEST(Log, IsOneJsonObjectALineWithTheRequestsId) {
  RunningServer server(quick_settings({"log.requests=all"}));
  const std::string id = server.api().get("/settings").header("x-request-id");
  ASSERT_TRUE(server.process().wait_for_err(id));
  ASSERT_EQ(server.stop(), 0);
  const std::string log = server.log();
  const std::size_t begin = log.rfind('\n', log.find(id)) + 1;
  const json::value line = json::parse(log.substr(begin, log.find('\n', begin) - begin));
  EXPECT_EQ(line.at("path"), "/auth/v1/settings");
  EXPECT_EQ(line.at("operation"), "settings");
  EXPECT_EQ(line.at("status"), 200);
}

}  // namespace
}  // namespace latchkey::e2e
