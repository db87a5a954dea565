// The app at /app as a browser meets it: the real program, its files and their headers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>

#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class App : public ::testing::Test {
 protected:
  static const RunningServer& server() {
    static const RunningServer the_server;
    return the_server;
  }
  static Api root() { return server().api().root(); }
  static Answer get(std::string_view path,
                    const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    return root().call("GET", path, {.headers = headers});
  }
  // Those of the page's own parts that stand in it, as paths.
  static std::vector<std::string> parts() {
    const std::string html = get("/app").body;
    const std::regex reference("\"(/app/assets/[^\"]*)\"");
    std::vector<std::string> found;
    for (std::sregex_iterator each(html.begin(), html.end(), reference), end; each != end; ++each) {
      found.push_back((*each)[1]);
    }
    return found;
  }
};

TEST_F(App, EveryPageIsTheSameDocument) {
  const Answer page = get("/app");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<!doctype html>"));
  for (const char* path : {"/app/", "//app", "/app/login", "/app/signup", "/app/home", "/app/account",
                           "/app/lab", "/app/lab/some-case/", "/app?next=%2Fhome"}) {
    const Answer again = get(path);
    EXPECT_EQ(again.status, 200) << path;
    EXPECT_EQ(again.body, page.body) << path;
    EXPECT_EQ(again.header("etag"), page.header("etag"));
  }
}

TEST_F(App, ADocumentCarriesEveryPolicy) {
  for (const char* path : {"/app", "/app/home"}) {
    const Answer page = get(path);
    expect_common_headers(page);
    for (const char* directive : {"default-src 'none'", "script-src 'self'", "style-src 'self'",
                                  "img-src 'self' data:", "connect-src 'self'", "font-src 'self'",
                                  "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"}) {
      EXPECT_THAT(page.header("content-security-policy"), HasSubstr(directive));
    }
    EXPECT_EQ(page.count_headers("content-security-policy"), 1U);
    EXPECT_EQ(page.header("referrer-policy"), "no-referrer");
    EXPECT_THAT(page.header("permissions-policy"), HasSubstr("camera=()"));
    EXPECT_EQ(page.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(page.header("cache-control"), "no-cache");
    EXPECT_EQ(page.header("vary"), "Accept-Encoding");
  }
}

TEST_F(App, TheDocumentIsSentAgainOnlyWhenItChanged) {
  for (const char* encoding : {"identity", "gzip", "br"}) {
    const std::vector<std::pair<std::string, std::string>> accepts = {{"Accept-Encoding", encoding}};
    const std::string etag = get("/app", accepts).header("etag");
    ASSERT_FALSE(etag.empty());
    for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
      Connection connection(server().port());
      connection.send(request_text("GET", "/app/home",
                                   {.headers = {{"Accept-Encoding", encoding}, {"If-None-Match", known}}}));
      const auto same = connection.read_answer();
      ASSERT_TRUE(same);
      EXPECT_EQ(same->status, 304) << known;
      EXPECT_EQ(same->header("etag"), etag);
      EXPECT_EQ(same->header("cache-control"), "no-cache");
      EXPECT_EQ(same->header("vary"), "Accept-Encoding");
      EXPECT_EQ(same->body, "");
    }
    EXPECT_EQ(get("/app", {{"Accept-Encoding", encoding}, {"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST_F(App, ItsPartsAreKeptForEver) {
  ASSERT_FALSE(parts().empty());
  for (const std::string& path : parts()) {
    const Answer part = get(path);
    SCOPED_TRACE(path);
    EXPECT_EQ(part.status, 200);
    EXPECT_EQ(part.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(part.header("content-type"), path.ends_with(".css")  ? "text/css; charset=utf-8"
                                           : path.ends_with(".js") ? "text/javascript; charset=utf-8"
                                                                   : part.header("content-type"));
    EXPECT_FALSE(part.header("etag").empty());
    expect_common_headers(part);
    const Answer head = root().call("HEAD", path, {});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("content-length"), std::to_string(part.body.size()));
  }
}

// What a client that unpacks gets is the same in every coding.
TEST_F(App, EveryCodingHoldsTheSameBytes) {
  std::vector<std::string> paths = parts();
  paths.emplace_back("/app");
  for (const std::string& path : paths) {
    const Answer plain = get(path);
    EXPECT_EQ(plain.header("content-encoding"), "");
    for (const std::string encoding : {"gzip", "br", "gzip;q=0.4, br;q=0.5", "br;q=0, gzip;q=0", "*"}) {
      SCOPED_TRACE(path + " as " + encoding);
      Process curl(
          {"/usr/bin/env", "curl", "--silent", "--fail", "--compressed", "--header",
           "Accept-Encoding: " + encoding, "http://127.0.0.1:" + std::to_string(server().port()) + path},
          server().installation().folder());
      EXPECT_EQ(curl.wait(), 0) << curl.err();
      EXPECT_EQ(curl.out(), plain.body);
      const Answer packed = get(path, {{"Accept-Encoding", encoding}});
      EXPECT_LE(packed.body.size(), plain.body.size());
      EXPECT_EQ(packed.body.size() < plain.body.size(), !packed.header("content-encoding").empty());
    }
    EXPECT_EQ(get(path, {{"Accept-Encoding", "br;q=0, gzip;q=0"}}).header("content-encoding"), "");
  }
  EXPECT_EQ(get("/app", {{"Accept-Encoding", "gzip"}}).header("content-encoding"), "gzip");
}

TEST_F(App, WhatIsNotThereIsAnErrorLikeAnyOther) {
  for (const char* path : {"/app/assets/x", "/app/assets/none-1a2b3c4d.js", "/app/assets", "/app/nothing.js",
                           "/app/index.htm", "/app/assets/index.html"}) {
    expect_error(get(path), "not_found");
  }
  expect_error(get("/application"), "not_found");
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "BREW"}) {
    const Answer answer = root().call(method, "/app", {.body = "{}"});
    expect_error(answer, "method_not_allowed");
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, OPTIONS");
  }
  EXPECT_EQ(root().call("OPTIONS", "/app", {}).status, 204);
}

// There is no file system behind the paths; none of them leads anywhere else either.
TEST_F(App, PathsLeadNowhereElse) {
  for (const char* target :
       {"/app/../etc/passwd", "/app/../../../../etc/passwd", "/app/..", "/app/%2e%2e/healthz",
        "/app/%2E%2E%2Fhealthz", "/app/..%2f..%2fetc%2fpasswd", "/app/..%5c..%5cetc",
        "/app/assets/../../healthz", "/app/assets/..%2findex.html", "/app/./home", "/app/%2e/home",
        "/app//../healthz", "/app/..;/healthz", "/app/home%00.html", "/app/%252e%252e/healthz",
        "/app/\xC0\xAE\xC0\xAE/healthz"}) {
    expect_error(get(target), "not_found");
  }
  // A doubled slash is one, so it is no other host's page either.
  EXPECT_EQ(get("//app//login").status, 200);
  EXPECT_EQ(get("http://elsewhere.example/app").status, 200);
}

TEST_F(App, TheRootSendsThere) {
  const Answer answer = get("/");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.header("location"), "/app");
  EXPECT_EQ(answer.body, "");
  expect_error(root().call("POST", "/", {.body = "{}"}), "method_not_allowed");
}

TEST_F(App, ReadsItsConfiguration) {
  const Answer answer = get("/app/config.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("cache-control"), "no-cache");
  EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
  const json::value expected = {{"title", "Latchkey"},      {"entry_page", "login"},
                                {"logged_in_page", "home"}, {"navigation", "automatic"},
                                {"persist", true},          {"api_base", "/auth/v1"}};
  EXPECT_EQ(answer.json, expected);
}

TEST_F(App, IsNoPartOfTheDocumentedApi) { EXPECT_THAT(get("/openapi.json").body, Not(HasSubstr("\"/app"))); }

TEST_F(App, IsCountedUnderItsName) {
  const RunningServer own;
  const Api api = own.api().root();
  api.get("/app");
  api.get("/app/home");
  api.get("/app/nothing.js");
  const std::string metrics = api.get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("latchkey_requests_total{operation=\"app\",status=\"200\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("latchkey_requests_total{operation=\"app\",status=\"404\"} 1"));
}

TEST(AppSettings, ReachThePage) {
  const RunningServer server(
      quick_settings({"app.title=Grüße & \"Co\" </script>", "app.entry_page=signup",
                      "app.logged_in_page=account", "app.navigation=manual", "app.persist=false"}));
  const Answer answer = server.api().root().get("/app/config.json");
  EXPECT_EQ(answer.text("title"), "Grüße & \"Co\" </script>");
  EXPECT_EQ(answer.text("entry_page"), "signup");
  EXPECT_EQ(answer.text("logged_in_page"), "account");
  EXPECT_EQ(answer.text("navigation"), "manual");
  EXPECT_EQ(answer.at("persist"), json::value(false));
}

TEST(AppSettings, SwitchedOffThereIsNothing) {
  RunningServer server(quick_settings({"app.enabled=false"}));
  for (const char* path : {"/", "/app", "/app/login", "/app/config.json"}) {
    expect_error(server.api().root().get(path), "not_found");
  }
  EXPECT_EQ(server.api().get("/health").status, 200);
  EXPECT_THAT(server.process().out(), Not(HasSubstr("/app")));
}

TEST(AppSettings, MistakesAreToldAtStart) {
  const std::vector<std::pair<Settings, const char*>> cases = {
      {{"app.entry_page=home"}, "app.logged_in_page (home) must differ from app.entry_page"},
      {{"app.logged_in_page=login"}, "never leaves that page"},
      {{"app.entry_page=account"}, "app.entry_page: must be login or signup"},
      {{"app.logged_in_page=signup"}, "app.logged_in_page: must be home or account"},
      {{"app.entry_page=start"}, "app.entry_page must be login, signup, home or account"},
      {{"app.navigation=none"}, "app.navigation must be automatic or manual"},
      {{"app.title="}, "app.title must be a text"},
      {{"app.logged_in_pge=home"}, "app.logged_in_page"},
  };
  for (const auto& [settings, expected] : cases) {
    const Installation here;
    const auto server = here.start(settings);
    EXPECT_EQ(server->wait(), 3) << expected;
    EXPECT_THAT(server->err(), HasSubstr(expected));
  }
}

}  // namespace
}  // namespace latchkey::e2e
