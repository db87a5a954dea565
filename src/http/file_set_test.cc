#include "http/file_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "base/testing/fakes.h"
#include "http/router.h"
#include "http/testing_types.h"

namespace latchkey::http {
namespace {

using base::ErrorCode;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array<bool, kContentCodings> kAll = {true, true, true};

ContentCoding choose(std::string_view accept_encoding,
                     const std::array<bool, kContentCodings>& available = kAll) {
  return choose_coding(accept_encoding, available);
}

TEST(ChooseCoding, TakesTheBestOfWhatIsWanted) {
  using enum ContentCoding;
  EXPECT_EQ(choose_coding(std::nullopt, kAll), identity);
  const std::vector<std::pair<std::string_view, ContentCoding>> cases = {
      {"", identity},
      {"gzip, deflate, br, zstd", brotli},
      {"gzip, deflate", gzip},
      {"GZIP", gzip},
      {"deflate", identity},
      {"br;q=0, gzip", gzip},
      {"br;q=0.000,gzip;q=0", identity},
      {"br;q=0.2, gzip;q=0.8", gzip},
      {"br ; q=0.8 , gzip ; Q=0.8", brotli},
      {"gzip;q=0.001", gzip},
      {"*", brotli},
      {"*;q=0", identity},
      {"*;q=0.5, br;q=0", gzip},
      {"*;q=0, gzip", gzip},
      {"identity;q=0", identity},
      {"identity;q=1, br;q=0.5", identity},
      {"identity;q=0, br", brotli},
      {"br;level=4;q=0", identity},
      {"brotli, gzipped", identity},
      {",, ,br,", brotli},
      {";q=1", identity},
  };
  for (const auto& [header, expected] : cases) EXPECT_EQ(choose(header), expected) << header;
}

TEST(ChooseCoding, WeightsThatAreNoneAreNotWanted) {
  for (const char* weight : {"1.1", "2", "-1", "0.", ".5", "1.0000", "0,5", "a", "", "1e0", " "}) {
    EXPECT_EQ(choose("br;q=" + std::string(weight)), ContentCoding::identity) << weight;
  }
  for (const char* weight : {"1", "1.", "1.000", "0.001", "0.5"}) {
    EXPECT_EQ(choose("br;q=" + std::string(weight)), ContentCoding::brotli) << weight;
  }
}

TEST(ChooseCoding, TakesOnlyWhatIsThere) {
  EXPECT_EQ(choose("br, gzip", {false, true, true}), ContentCoding::gzip);
  EXPECT_EQ(choose("br, gzip", {false, false, true}), ContentCoding::identity);
  EXPECT_EQ(choose("br, identity;q=0", {false, false, true}), ContentCoding::identity);
}

TEST(NamesEtag, ComparesWeakly) {
  for (const char* header :
       {"\"abc\"", "W/\"abc\"", "*", " * ", "\"x\", \"abc\"", "\"x\",W/\"abc\" ,\"y\""}) {
    EXPECT_TRUE(names_etag(header, "abc")) << header;
  }
  for (const char* header :
       {"", "abc", "\"abcd\"", "\"ab\"", "\"abc", "w/\"abc\"", "\"x\" \"abc\"", "\"*\"", ","}) {
    EXPECT_FALSE(names_etag(header, "abc")) << header;
  }
}

constexpr std::string_view kPage = "<!doctype html>";
constexpr std::string_view kScript = "export {};";

File page() {
  return {.path = "/index.html",
          .content_type = "text/html; charset=utf-8",
          .cache_control = "no-cache",
          .etag = "p1",
          .headers = "X-Frame: no\r\n",
          .identity = kPage,
          .gzip = "page as gzip",
          .brotli = "page as brotli"};
}
File script() {
  return {.path = "/assets/app-1a2b3c4d.js",
          .content_type = "text/javascript; charset=utf-8",
          .cache_control = "public, max-age=31536000, immutable",
          .etag = "s1",
          .identity = kScript};
}
File made() {
  return {.path = "/config.json",
          .content_type = "application/json; charset=utf-8",
          .cache_control = "no-cache",
          .text = R"({"title":"x"})"};
}
// `gzip -9n` of "export const a = 1;\n", without the file as it is.
constexpr unsigned char kZipped[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                     0x4b, 0xad, 0x28, 0xc8, 0x2f, 0x2a, 0x51, 0x48, 0xce, 0xcf,
                                     0x2b, 0x2e, 0x51, 0x48, 0x54, 0xb0, 0x55, 0x30, 0xb4, 0xe6,
                                     0x02, 0x00, 0xee, 0x88, 0x83, 0x97, 0x14, 0x00, 0x00, 0x00};
File zipped() {
  return {.path = "/assets/large-1a2b3c4d.js",
          .content_type = "text/javascript; charset=utf-8",
          .cache_control = "public, max-age=31536000, immutable",
          .etag = "l1",
          .gzip = std::string_view(reinterpret_cast<const char*>(kZipped), sizeof kZipped)};
}
std::shared_ptr<const FileSet> files() {
  return std::make_shared<const FileSet>(std::vector<File>{page(), script(), made(), zipped()}, "/index.html",
                                         "/assets");
}

TEST(FileSet, RefusesMistakes) {
  EXPECT_THROW(FileSet({script()}, "/index.html", "/assets"), std::logic_error);
  EXPECT_THROW(FileSet({page(), page()}, "/index.html", "/assets"), std::logic_error);
}

class TestExchange final : public Exchange {
 public:
  void finish() override { ++finished; }
  void finish_after(Task last) override {
    last();
    ++finished;
  }
  int finished = 0;
};

constexpr Endpoint<Anyone, NoInput, NoContent> kPing{.method = Method::get,
                                                     .path = "/ping",
                                                     .operation_id = "ping",
                                                     .summary = "Ping",
                                                     .access = Access::anyone,
                                                     .bucket = kUnlimited,
                                                     .cost = Cost::memory,
                                                     .errors = Errors::none()};

Handler<Anyone, NoInput, NoContent> pong() {
  return [](const Anyone&, const NoInput&, const Call&) -> base::Result<NoContent> { return NoContent{}; };
}

class MountTest : public ::testing::Test {
 protected:
  MountTest() {
    router_.add("", kPing, pong());
    router_.mount({.name = "app", .prefix = "/app", .files = files(), .is_front_page = true});
  }
  struct Answer {
    Response response;
    std::string operation;
    std::string headers() const {
      return response.raw ? response.raw->headers + std::string(response.raw->headers_elsewhere) : "";
    }
  };
  Answer call(Method method, std::string_view target, std::vector<HeaderView> headers = {}) {
    TestExchange exchange;
    exchange.request.method = method;
    EXPECT_TRUE(exchange.request.set_target(target));
    exchange.request.headers = std::move(headers);
    router_.dispatch(exchange, {.lanes = lanes_, .clock = clock_, .logger = *logger_});
    EXPECT_EQ(exchange.finished, 1);
    return {.response = exchange.response, .operation = std::string(exchange.operation)};
  }
  Answer get(std::string_view target, std::vector<HeaderView> headers = {}) {
    return call(Method::get, target, std::move(headers));
  }

  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  InlineLanes lanes_;
  Router router_;
};

TEST_F(MountTest, SendsAFileFromWhereItLies) {
  const Answer answer = get("/app/assets/app-1a2b3c4d.js", {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(answer.response.status, 200);
  EXPECT_EQ(answer.response.body_text().data(), kScript.data()) << "copied";
  EXPECT_EQ(answer.response.raw->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(answer.response.cache_control(), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.headers(), "ETag: \"s1\"\r\n") << "there in one form only, so it does not vary";
  EXPECT_EQ(answer.operation, "app");
  EXPECT_EQ(get("/app/config.json").response.body_text(), R"({"title":"x"})");
  EXPECT_EQ(get("/app/config.json").headers(), "");
}

TEST_F(MountTest, EachCodingHasItsOwnTag) {
  const Answer plain = get("/app");
  EXPECT_EQ(plain.response.body_text(), kPage);
  EXPECT_EQ(plain.headers(), "ETag: \"p1\"\r\nVary: Accept-Encoding\r\nX-Frame: no\r\n");
  const Answer brotli = get("/app", {{"accept-encoding", "gzip, br"}});
  EXPECT_EQ(brotli.response.body_text(), "page as brotli");
  EXPECT_EQ(brotli.headers(),
            "Content-Encoding: br\r\nETag: \"p1-br\"\r\nVary: Accept-Encoding\r\nX-Frame: no\r\n");
  EXPECT_THAT(get("/app", {{"accept-encoding", "gzip"}}).headers(),
              HasSubstr("Content-Encoding: gzip\r\nETag: \"p1-gz\""));
}

TEST_F(MountTest, MakesAFileFromItsGzipForWhoWantsItPlain) {
  const Answer plain = get("/app/assets/large-1a2b3c4d.js");
  EXPECT_EQ(plain.response.body_text(), "export const a = 1;\n");
  EXPECT_EQ(plain.headers(), "ETag: \"l1\"\r\nVary: Accept-Encoding\r\n");
  EXPECT_EQ(get("/app/assets/large-1a2b3c4d.js", {{"accept-encoding", "gzip"}}).response.body_text().size(),
            sizeof kZipped);
}

TEST_F(MountTest, SaysNothingNewToWhoKnowsTheTag) {
  EXPECT_EQ(get("/app", {{"If-None-Match", "\"p1\""}}).response.status, 304);
  EXPECT_EQ(get("/app/home", {{"If-None-Match", "W/\"p1\""}}).response.status, 304);
  EXPECT_EQ(call(Method::head, "/app", {{"If-None-Match", "*"}}).response.status, 304);
  EXPECT_EQ(get("/app", {{"If-None-Match", "\"p1\""}, {"Accept-Encoding", "br"}}).response.status, 200);
  EXPECT_EQ(get("/app", {{"If-None-Match", "\"p1-br\""}, {"Accept-Encoding", "br"}}).response.status, 304);
  EXPECT_EQ(get("/app/config.json", {{"If-None-Match", "*"}}).response.status, 200) << "it has no tag";
}

TEST_F(MountTest, EveryPlainPathIsThePage) {
  for (const char* target : {"/app", "/app/", "//app", "/app//", "/app/login", "/app/a/b-c_D9/", "/app?x=1.2",
                             "/app/index.html", "http://host/app/home"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.response.status, 200) << target;
    EXPECT_EQ(answer.response.body_text(), kPage) << target;
  }
}

TEST_F(MountTest, WhatIsNoPlainPathIsNotThere) {
  for (const char* target : {"/app/nothing.js", "/app/assets", "/app/assets/", "/app/assets/other",
                             "/app/assets/app-1a2b3c4d.js/x", "/app/assets/APP-1a2b3c4d.js", "/app/..",
                             "/app/../ping", "/app/./ping", "/app/%2e%2e/ping", "/app/%2e", "/app/..%2fping",
                             "/app/..\\ping", "/app/%61ssets/app-1a2b3c4d.js", "/app/login%00",
                             "/app/login;x", "/app/config.json.br", "/app/assets/../index.html"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.response.status, 404) << target;
    EXPECT_EQ(answer.response.error, ErrorCode::not_found) << target;
    EXPECT_EQ(answer.operation, "app");
  }
  // Beside the prefix, not below it.
  for (const char* target : {"/application", "/app.", "/app.js", "/App", "/%61pp", "/x/app", "/app%2f"}) {
    const Answer answer = get(target);
    EXPECT_EQ(answer.response.status, 404) << target;
    EXPECT_EQ(answer.operation, "none") << target;
  }
}

TEST_F(MountTest, IsForReadingOnly) {
  EXPECT_EQ(call(Method::head, "/app").response.status, 200);
  for (const Method method : {Method::post, Method::put, Method::patch, Method::del, Method::other}) {
    for (const char* target : {"/app", "/app/login", "/app/config.json", "/"}) {
      const Answer answer = call(method, target);
      EXPECT_EQ(answer.response.error, ErrorCode::method_not_allowed) << target;
      EXPECT_THAT(answer.response.headers,
                  Contains(std::pair<std::string_view, std::string>("Allow", "GET, HEAD, OPTIONS")));
      EXPECT_THAT(answer.response.body, HasSubstr("method_not_allowed"));
    }
    EXPECT_EQ(call(method, "/app/nothing.js").response.status, 404);
  }
}

TEST_F(MountTest, TheRootSendsToTheFrontPage) {
  for (const Method method : {Method::get, Method::head}) {
    const Answer answer = call(method, "/?x=1");
    EXPECT_EQ(answer.response.status, 302);
    EXPECT_EQ(answer.headers(), "Location: /app\r\n");
    EXPECT_EQ(answer.response.body_text(), "");
  }
  Router without;
  without.mount({.name = "app", .prefix = "/app", .files = files()});
  TestExchange exchange;
  without.dispatch(exchange, {.lanes = lanes_, .clock = clock_, .logger = *logger_});
  EXPECT_EQ(exchange.response.status, 404);
}

TEST_F(MountTest, EndpointsAndFilesKeepApart) {
  EXPECT_EQ(get("/ping").response.status, 204);
  EXPECT_EQ(get("/ping").operation, "ping");
  Endpoint<Anyone, NoInput, NoContent> other = kPing;
  other.operation_id = "other";
  EXPECT_THROW(router_.add("/app", other, pong()), std::logic_error);
  for (Mount mount : {Mount{.name = "a", .prefix = "/app", .files = files()},
                      Mount{.name = "b", .prefix = "/app/x", .files = files()},
                      Mount{.name = "c", .prefix = "/ping", .files = files()},
                      Mount{.name = "d", .prefix = "", .files = files()},
                      Mount{.name = "e", .prefix = "/x/", .files = files()},
                      Mount{.name = "f", .prefix = "/x", .files = files(), .is_front_page = true},
                      Mount{.name = "app", .prefix = "/x", .files = files()}}) {
    EXPECT_THROW(router_.mount(std::move(mount)), std::logic_error);
  }
  EXPECT_THAT(router_.operations(), ::testing::IsSupersetOf({"ping", "app"}));
  EXPECT_EQ(router_.routes().size(), 1U) << "files are no part of the documented table";
}

}  // namespace
}  // namespace latchkey::http
