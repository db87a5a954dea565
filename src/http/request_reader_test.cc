#include "http/request_reader.h"

#include <gtest/gtest.h>

#include <cstring>

namespace latchkey::http {
namespace {

using base::ErrorCode;
using Progress = RequestReader::Progress;

constexpr ReadLimits kLimits{.header_bytes = 400, .uri_bytes = 100, .body_bytes = 50};
const std::string kHost = "Host: x\r\n";

// Feeds `text` in pieces of `step` bytes; stops at the first request or error.
Progress feed(RequestReader& reader, Request& request, std::string_view text, std::size_t step) {
  Progress progress = reader.parse(request);
  while (!text.empty() && (progress == Progress::needs_header || progress == Progress::needs_body)) {
    const std::span<char> space = reader.space();
    EXPECT_FALSE(space.empty());
    const std::size_t count = std::min({step, text.size(), space.size()});
    std::memcpy(space.data(), text.data(), count);
    text.remove_prefix(count);
    reader.filled(count);
    progress = reader.parse(request);
  }
  return progress;
}

// The body, or the error's name; the same in one piece and byte by byte.
std::string read(const std::string& text) {
  std::string first;
  for (const std::size_t step : {text.size(), std::size_t{1}, std::size_t{7}}) {
    RequestReader reader(kLimits);
    Request request;
    const Progress progress = feed(reader, request, text, step);
    std::string result = progress == Progress::complete ? request.body
                         : progress == Progress::failed ? std::string(base::error_info(reader.error()).name)
                                                        : "(more)";
    if (first.empty()) first = result;
    EXPECT_EQ(result, first) << "in pieces of " << step << ": " << text;
  }
  return first;
}

TEST(RequestReader, ReadsARequest) {
  RequestReader reader(kLimits);
  Request request;
  ASSERT_EQ(feed(reader, request,
                 "\r\nPUT //a/./b%20c//?x=1&x=2&y=%C3%A4+b HTTP/1.1\r\nhost: x\r\nX-Empty:\r\nauthorization: "
                 " Bearer t \r\n"
                 "Content-Length: 3\r\n\r\nabc",
                 5),
            Progress::complete);
  EXPECT_EQ(request.method, Method::put);
  EXPECT_EQ(request.path, "/a/./b%20c");
  EXPECT_EQ(request.query, (Pairs{{"x", "1"}, {"x", "2"}, {"y", "\xC3\xA4 b"}}));
  EXPECT_EQ(request.find_header("Authorization"), "Bearer t");
  EXPECT_EQ(request.find_header("x-empty"), "");
  EXPECT_EQ(request.find_header("nothing"), std::nullopt);
  EXPECT_EQ(request.body, "abc");
  EXPECT_TRUE(reader.keep_alive());
}

TEST(RequestReader, PipelinedRequestsComeOneAfterTheOther) {
  RequestReader reader(kLimits);
  Request request;
  const std::string text = "POST /1 HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\n" +
                           kHost + "\r\nGET /3 HTTP/1.0\r\n\r\n";
  ASSERT_EQ(feed(reader, request, text, text.size()), Progress::complete);
  EXPECT_EQ(request.body, "hi");
  for (const char* path : {"/2", "/3"}) {
    request.clear();
    reader.next();
    EXPECT_TRUE(reader.started());
    ASSERT_EQ(reader.parse(request), Progress::complete);
    EXPECT_EQ(request.path, path);
  }
  EXPECT_TRUE(reader.is_http_1_0());
  EXPECT_FALSE(reader.keep_alive());
  request.clear();
  reader.next();
  EXPECT_FALSE(reader.started());
  EXPECT_EQ(reader.parse(request), Progress::needs_header);
}

TEST(RequestReader, ChunkedBodies) {
  const std::string head = "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"), "abcde");
  EXPECT_EQ(read(head + "3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n"), "abc");
  EXPECT_EQ(read(head + "3\r\nabcd\r\n0\r\n\r\n"), "bad_request");
  EXPECT_EQ(read(head + "x\r\nabc\r\n0\r\n\r\n"), "bad_request");
  EXPECT_EQ(
      read(head + "30\r\n" + std::string(48, 'a') + "\r\n30\r\n" + std::string(48, 'b') + "\r\n0\r\n\r\n"),
      "body_too_large");
  EXPECT_EQ(read(head + "fffffffffffffffff\r\n"), "bad_request");
  EXPECT_EQ(read(head + "1;" + std::string(10'000, 'a')), "bad_request");
}

TEST(RequestReader, TrailersAreDropped) {
  RequestReader reader(kLimits);
  Request request;
  ASSERT_EQ(feed(reader, request,
                 "POST / HTTP/1.1\r\n" + kHost +
                     "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer forged\r\n\r\n",
                 1000),
            Progress::complete);
  EXPECT_EQ(request.find_header("authorization"), std::nullopt);
}

TEST(RequestReader, RequestSmugglingIsRefused) {
  for (const char* lines : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                            "Content-Length: 3\r\nContent-Length: 4\r\n",
                            "Content-Length: 3, 4\r\n",
                            "Content-Length: +3\r\n",
                            "Content-Length: -3\r\n",
                            "Content-Length: 3x\r\n",
                            "Content-Length: 99999999999999999999\r\n",
                            "Transfer-Encoding: xchunked\r\n",
                            "Transfer-Encoding: gzip, chunked\r\n",
                            "Transfer-Encoding: chunked, gzip\r\n",
                            "Transfer-Encoding: identity\r\n",
                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding : chunked\r\n",
                            "Content-Length : 3\r\n",
                            "X: a\r\n Transfer-Encoding: chunked\r\n",
                            "Transfer-Encoding:\r\n chunked\r\n",
                            "Transfer-Encoding:\x0b"
                            "chunked\r\n",
                            "Host: y\r\n",
                            "X: a\nY: b\r\n"}) {
    EXPECT_EQ(read("POST / HTTP/1.1\r\n" + kHost + lines + "\r\nabc"), "bad_request") << lines;
  }
  EXPECT_EQ(read("POST / HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "bad_request");
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n"), "bad_request");
}

TEST(RequestReader, MalformedRequestLines) {
  for (const char* line :
       {"GET\r\n", "GET /\r\n", "GET / HTTP/2.0\r\n", "GET / HTTP/1.1 x\r\n", "G@T / HTTP/1.1\r\n",
        "GET x HTTP/1.1\r\n", "GET ftp://x/ HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n",
        "CONNECT x:1 HTTP/1.1\r\n", "\x16\x03\x01\x02\r\n", " GET / HTTP/1.1\r\n"}) {
    EXPECT_EQ(read(line + kHost + "\r\n"), "bad_request") << line;
  }
}

TEST(RequestReader, Limits) {
  EXPECT_EQ(read("GET /" + std::string(98, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n"), "");
  EXPECT_EQ(read("GET /" + std::string(100, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n"), "uri_too_long");
  EXPECT_EQ(read("GET /" + std::string(5000, 'a')), "uri_too_long");
  EXPECT_EQ(read("GET / HTTP/1.1\r\n" + kHost + "X: " + std::string(5000, 'a')), "headers_too_large");
  std::string many;
  for (int i = 0; i < 200; ++i) many += "A: b\r\n";
  EXPECT_EQ(read("GET / HTTP/1.1\r\n" + kHost + many + "\r\n"), "headers_too_large");
  EXPECT_EQ(read("POST / HTTP/1.1\r\n" + kHost + "Content-Length: 50\r\n\r\n" + std::string(50, 'a')),
            std::string(50, 'a'));
  EXPECT_EQ(read("POST / HTTP/1.1\r\n" + kHost + "Content-Length: 51\r\n\r\n"), "body_too_large");
}

TEST(RequestReader, KeepsWhatItUnderstoodOfAFailedRequest) {
  RequestReader reader(kLimits);
  Request request;
  ASSERT_EQ(
      feed(reader, request,
           "POST /x HTTP/1.1\r\n" + kHost + "Origin: https://a.example\r\nContent-Length: 51\r\n\r\n", 1000),
      Progress::failed);
  EXPECT_EQ(request.find_header("origin"), "https://a.example");
  EXPECT_EQ(request.path, "/x");
}

TEST(RequestReader, ExpectationsAreSeenOnce) {
  RequestReader reader(kLimits);
  Request request;
  ASSERT_EQ(feed(reader, request,
                 "POST /x HTTP/1.1\r\n" + kHost + "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n", 1000),
            Progress::needs_body);
  EXPECT_TRUE(reader.take_expectation());
  EXPECT_FALSE(reader.take_expectation());
}

}  // namespace
}  // namespace latchkey::http
