#include "http/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CorsPolicy policy(std::vector<std::string> origins) { return CorsPolicy::parse(origins).value(); }

std::string headers(const CorsPolicy& cors, std::vector<HeaderView> sent, bool preflight = false) {
  Request request;
  request.headers = std::move(sent);
  std::string out;
  if (preflight) {
    cors.append_preflight_headers(request, out);
  } else {
    cors.append_headers(request, out);
  }
  return out;
}

TEST(Cors, AnyOriginIsTheDefaultAndNeverAllowsCredentials) {
  const std::string out = headers(CorsPolicy(), {{"Origin", "https://a.example"}});
  EXPECT_THAT(out, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_THAT(out, HasSubstr("Access-Control-Expose-Headers: Retry-After, X-Request-Id\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("Credentials")));
  EXPECT_TRUE(policy({"https://a.example", "*"}).allows("https://b.example"));
}

TEST(Cors, ExactOriginsAndWildcards) {
  const CorsPolicy cors =
      policy({"https://app.example.com", "http://localhost:3000", "https://*.example.org:8443"});
  for (const char* good : {"https://app.example.com", "HTTPS://APP.example.com", "http://localhost:3000",
                           "https://a.example.org:8443", "https://a.b-c.example.org:8443"}) {
    EXPECT_TRUE(cors.allows(good)) << good;
  }
  for (const char* bad :
       {"", "null", "http://app.example.com", "https://app.example.com:444",
        "https://app.example.com.evil.test", "https://example.org:8443", "https://.example.org:8443",
        "https://a.example.org", "http://a.example.org:8443", "https://evil.test/.example.org:8443",
        "https://evil.test#.example.org:8443", "https://user@a.example.org:8443",
        "https://evilexample.org:8443", "http://localhost:30000"}) {
    EXPECT_FALSE(cors.allows(bad)) << bad;
  }
  for (const char* bad :
       {"example.com", "https://", "https://*", "https://*.", "https://a.com/path", "https://a b"}) {
    EXPECT_FALSE(CorsPolicy::parse(std::vector<std::string>{bad})) << bad;
  }
}

TEST(Cors, AnAllowedOriginIsRepeatedAndAForeignOneGetsNothing) {
  const CorsPolicy cors = policy({"https://app.example.com"});
  const std::string good = headers(cors, {{"origin", "https://app.example.com"}});
  EXPECT_THAT(good, HasSubstr("Access-Control-Allow-Origin: https://app.example.com\r\n"));
  EXPECT_THAT(good, HasSubstr("Vary: Origin\r\n"));
  const std::string bad = headers(cors, {{"origin", "https://evil.test"}});
  EXPECT_THAT(bad, Not(HasSubstr("Allow-Origin")));
  EXPECT_THAT(bad, HasSubstr("Vary: Origin\r\n"));
  EXPECT_FALSE(policy({}).allows("https://app.example.com"));
}

TEST(Cors, PreflightRepeatsHeaderNamesThatAreTokens) {
  const std::string out =
      headers(CorsPolicy(), {{"Access-Control-Request-Headers", "authorization, x-anything"}}, true);
  EXPECT_THAT(out, HasSubstr("Access-Control-Allow-Headers: authorization, x-anything\r\n"));
  EXPECT_THAT(out, HasSubstr("Access-Control-Max-Age: 7200\r\n"));
  EXPECT_THAT(out, HasSubstr("DELETE"));
  EXPECT_THAT(headers(CorsPolicy(), {{"Access-Control-Request-Headers", "a\tb: c"}}, true),
              HasSubstr("Access-Control-Allow-Headers: Authorization, Content-Type"));
}

}  // namespace
}  // namespace latchkey::http
