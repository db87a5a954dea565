#include "web/app_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "web/embedded_app.h"

namespace latchkey::web {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const EmbeddedFile& embedded(std::string_view path) {
  for (const EmbeddedFile& file : embedded_app()) {
    if (file.path == path) return file;
  }
  throw std::runtime_error("not embedded: " + std::string(path));
}

AppConfig config() {
  return {.title = "Grüße \"</script>\" \\",
          .entry_page = "login",
          .logged_in_page = "account",
          .navigation = "manual",
          .persist = false,
          .api_base = "/auth/v1"};
}

http::Response get(std::string_view path, std::vector<http::HeaderView> headers = {}) {
  static const auto files = make_app_files(config());
  http::Request request;
  request.headers = std::move(headers);
  http::Response response;
  EXPECT_TRUE(files->answer(path, request, response)) << path;
  return response;
}

TEST(EmbeddedApp, EveryRowIsWhole) {
  std::set<std::string_view> paths;
  std::set<std::string_view> etags;
  for (const EmbeddedFile& file : embedded_app()) {
    SCOPED_TRACE(file.path);
    EXPECT_TRUE(paths.insert(file.path).second);
    EXPECT_TRUE(etags.insert(file.etag).second);
    EXPECT_THAT(std::string(file.path), MatchesRegex("/[A-Za-z0-9._/-]+"));
    EXPECT_THAT(std::string(file.etag), MatchesRegex("[0-9a-f]{24}"));
    EXPECT_THAT(std::string(file.content_type), HasSubstr("/"));
    // A large file is there compressed only, and made from that.
    const http::Response plain = get(file.path);
    EXPECT_FALSE(plain.body_text().empty());
    EXPECT_TRUE(!file.identity.empty() || !file.gzip.empty());
    EXPECT_LE(file.identity.size(), 64U * 1024);
    EXPECT_LE(file.gzip.size(), plain.body_text().size());
    EXPECT_LE(file.brotli.size(), plain.body_text().size());
    EXPECT_EQ(file.is_named_by_hash, file.path.starts_with("/assets/")) << "what else may be kept for ever?";
    EXPECT_TRUE(file.gzip.empty() || file.gzip.starts_with("\x1f\x8b"));
  }
}

// The policy forbids scripts and styles inside the page, so whatever it needs is a file, and that must be
// there.
TEST(EmbeddedApp, ThePageNeedsNothingThatItIsNotAllowed) {
  const std::string html(embedded("/index.html").identity);
  EXPECT_THAT(html, HasSubstr("<!doctype html>"));
  EXPECT_THAT(html, Not(HasSubstr("<style")));
  EXPECT_THAT(html, Not(HasSubstr("style=")));
  EXPECT_FALSE(std::regex_search(html, std::regex("<script(?![^>]* src=)")));
  EXPECT_FALSE(std::regex_search(html, std::regex("\\son[a-z]+=")));
  const std::regex reference("(?:src|href)=\"([^\"]*)\"");
  int files = 0;
  for (std::sregex_iterator found(html.begin(), html.end(), reference), end; found != end; ++found) {
    const std::string address = (*found)[1];
    if (address.starts_with("data:") || address == "/app/config.json") continue;
    ASSERT_TRUE(address.starts_with("/app/")) << address;
    EXPECT_FALSE(get(address.substr(4)).body_text().empty());
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST(AppFiles, ThePageIsAskedForEachTimeAndItsPartsOnce) {
  const http::Response page = get("");
  EXPECT_EQ(page.body_text(), embedded("/index.html").identity);
  EXPECT_EQ(page.cache_control(), "no-cache");
  EXPECT_EQ(page.raw->content_type, "text/html; charset=utf-8");
  for (const EmbeddedFile& file : embedded_app()) {
    const http::Response answer = get(file.path);
    if (!file.identity.empty()) {
      EXPECT_EQ(answer.body_text().data(), file.identity.data()) << "copied";
    }
    EXPECT_EQ(answer.cache_control(),
              file.is_named_by_hash ? "public, max-age=31536000, immutable" : "no-cache");
    EXPECT_THAT(answer.raw->headers, HasSubstr("ETag: \"" + std::string(file.etag) + "\"\r\n"));
  }
}

TEST(AppFiles, EveryFileCarriesThePolicies) {
  for (const char* path : {"", "/home", "/config.json", "/index.html"}) {
    const std::string headers(get(path).raw->headers_elsewhere);
    for (const char* line : {"Content-Security-Policy: default-src 'none'; script-src 'self'; ",
                             "Referrer-Policy: no-referrer\r\n", "Permissions-Policy: ", "camera=()",
                             "Cross-Origin-Opener-Policy: same-origin\r\n"}) {
      EXPECT_THAT(headers, HasSubstr(line)) << path;
    }
  }
  for (const char* directive : {"connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"}) {
    EXPECT_THAT(kContentSecurityPolicy, HasSubstr(directive));
  }
  EXPECT_THAT(kContentSecurityPolicy, Not(HasSubstr("unsafe-eval")));
  EXPECT_THAT(kContentSecurityPolicy, Not(HasSubstr("*")));
}

// `vite preview` sends the policy too, so that a breach shows while the app is worked on.
TEST(AppFiles, VitePreviewsUnderTheSamePolicy) {
  std::ostringstream settings;
  settings << std::ifstream(LATCHKEY_SOURCE_DIR "/web/app/vite.config.ts").rdbuf();
  const std::string policy(kContentSecurityPolicy);
  int directives = 0;
  for (std::size_t begin = 0; begin < policy.size(); ++directives) {
    const std::size_t end = std::min(policy.find("; ", begin), policy.size());
    EXPECT_THAT(settings.str(), HasSubstr("\"" + policy.substr(begin, end - begin) + "\","));
    begin = end + 2;
  }
  EXPECT_EQ(directives, 9);
}

TEST(AppFiles, TellsTheAppItsConfiguration) {
  const http::Response answer = get("/config.json");
  EXPECT_EQ(answer.cache_control(), "no-cache");
  EXPECT_EQ(answer.raw->content_type, "application/json; charset=utf-8");
  const json::value expected = {
      {"title", config().title}, {"entry_page", "login"}, {"logged_in_page", "account"},
      {"navigation", "manual"},  {"persist", false},      {"api_base", "/auth/v1"}};
  EXPECT_EQ(json::parse(std::string(answer.body_text())), expected);
}

}  // namespace
}  // namespace latchkey::web
