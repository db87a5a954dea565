#include "base/clock.h"

#include <fmt/format.h>
#include <time.h>

namespace latchkey::base {
namespace {

struct Broken {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Milliseconds> time;
};

Broken broken_down(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss<Milliseconds>(t - day)};
}

}  // namespace

std::string to_iso8601(Timestamp t) {
  const auto [date, time] = broken_down(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string to_iso8601_ms(Timestamp t) {
  std::string text = to_iso8601(t);
  const auto [date, time] = broken_down(t);
  text.back() = '.';
  return text + fmt::format("{:03}Z", time.subseconds().count());
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

Timestamp SystemClock::now() const {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

}  // namespace latchkey::base
