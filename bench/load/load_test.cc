#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "load/histogram.h"
#include "load/process_meter.h"
#include "load/reply.h"

namespace latchkey::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(Histogram, PercentilesAreRightToOnePercent) {
  Histogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.add(microseconds(i));
  EXPECT_EQ(histogram.count(), 100'000U);
  EXPECT_NEAR(histogram.percentile_ms(0.5), 50, 0.5);
  EXPECT_NEAR(histogram.percentile_ms(0.99), 99, 1);
  EXPECT_NEAR(histogram.percentile_ms(0.0001), 0.01, 0.001);
  EXPECT_DOUBLE_EQ(histogram.percentile_ms(1), 100);
  EXPECT_DOUBLE_EQ(histogram.max_ms(), 100);
  EXPECT_NEAR(histogram.mean_ms(), 50, 0.01);
}

TEST(Histogram, EmptyAndExtremeValues) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile_ms(0.99), 0);
  histogram.add(microseconds(-5));
  EXPECT_EQ(histogram.max_ms(), 0);
  histogram.add(std::chrono::hours(1000));  // more than fits: counted as the largest
  EXPECT_GT(histogram.percentile_ms(1), 4e6);
}

TEST(Histogram, EveryValueLiesInItsOwnBucket) {
  for (std::int64_t us = 1; us < 4'000'000'000; us = us * 5 / 4 + 1) {
    Histogram histogram;
    histogram.add(microseconds(us));
    histogram.add(
        microseconds(4'200'000'000));  // so that the bucket, not the largest value, bounds the answer
    const double answer_us = histogram.percentile_ms(0.5) * 1000;
    EXPECT_GE(answer_us + 0.001, static_cast<double>(us));
    EXPECT_LE(answer_us, static_cast<double>(us) * 1.01 + 0.001);
  }
}

// Feeds the bytes in portions of `step`; how many whole answers came.
int feed(ReplyReader& reader, std::string_view bytes, std::size_t step, std::string& bodies) {
  int whole = 0;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    const auto portion = bytes.substr(0, step);
    std::memcpy(reader.space(portion.size()), portion.data(), portion.size());
    reader.received(portion.size());
    if (const auto reply = reader.whole()) {
      ++whole;
      bodies += reply->body;
      reader.clear();
    }
  }
  return whole;
}

TEST(ReplyReader, TakesAnswersInAnyPortions) {
  const std::string_view answer = "HTTP/1.1 503 Busy\r\ncontent-length: 11\r\nX: y\r\n\r\nhello world";
  for (std::size_t step = 1; step <= answer.size(); ++step) {
    ReplyReader reader;
    std::string bodies;
    EXPECT_EQ(feed(reader, answer, step, bodies), 1) << step;
    EXPECT_EQ(feed(reader, answer, step, bodies), 1) << step;
    EXPECT_EQ(bodies, "hello worldhello world");
  }
}

TEST(ReplyReader, KnowsStatusAndClose) {
  ReplyReader reader;
  const std::string_view answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
  std::memcpy(reader.space(answer.size()), answer.data(), answer.size());
  reader.received(answer.size());
  const auto reply = reader.whole();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 204);
  EXPECT_TRUE(reply->closes);
  EXPECT_EQ(reply->body, "");
}

TEST(ReplyReader, RefusesWhatItCannotRead) {
  std::string bodies;
  ReplyReader no_length, no_http;
  EXPECT_THROW(feed(no_length, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 100, bodies),
               std::runtime_error);
  EXPECT_THROW(feed(no_http, "SSH-2.0-OpenSSH\r\n\r\n", 100, bodies), std::runtime_error);
}

TEST(FindTextMember, FindsWholeNamesOnly) {
  const std::string_view json = R"({"x_token":"no","token_type":"bearer","token":"yes","code":""})";
  EXPECT_EQ(find_text_member(json, "token"), "yes");
  EXPECT_EQ(find_text_member(json, "token_type"), "bearer");
  EXPECT_EQ(find_text_member(json, "code"), "");
  EXPECT_EQ(find_text_member(json, "missing"), "");
}

TEST(ProcessMeter, SeesTheCpuTimeOfThisProcess) {
  const auto begin = read_usage(::getpid());
  EXPECT_GT(begin.rss_kib, 100U);
  EXPECT_GE(begin.peak_rss_kib, begin.rss_kib / 2);
  EXPECT_FALSE(begin.thread_seconds.empty());
  volatile std::uint64_t work = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (read_usage(::getpid()).cpu_seconds() - begin.cpu_seconds() < 0.02 &&
         std::chrono::steady_clock::now() < until) {
    for (int i = 0; i < 100'000; ++i) work = work + 1;
  }
  EXPECT_GE(read_usage(::getpid()).cpu_seconds() - begin.cpu_seconds(), 0.02);
  EXPECT_THROW(read_usage(0x3fffffff), std::runtime_error);
}

}  // namespace
}  // namespace latchkey::bench
