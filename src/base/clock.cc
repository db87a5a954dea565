#include "base/clock.h"

#include <time.h>

namespace latchkey::base {
namespace {

// `count` decimal digits with leading zeros. Answers carry half a dozen times, so this is not left to a
// general formatter.
char* put_digits(char* out, std::uint64_t value, int count) {
  for (int i = count; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + count;
}

template <class Value>
char* put_digits(char* out, Value value, int count) {
  return put_digits(out, static_cast<std::uint64_t>(value), count);
}

// "2023-11-14T22:13:20" and the milliseconds that are left. Years are of four digits: what is stored lies
// between 1970 and 9999.
std::chrono::milliseconds put_seconds(Timestamp t, char* out) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Milliseconds> time(t - day);
  out = put_digits(out, static_cast<int>(date.year()), 4);
  *out++ = '-';
  out = put_digits(out, static_cast<unsigned>(date.month()), 2);
  *out++ = '-';
  out = put_digits(out, static_cast<unsigned>(date.day()), 2);
  *out++ = 'T';
  out = put_digits(out, time.hours().count(), 2);
  *out++ = ':';
  out = put_digits(out, time.minutes().count(), 2);
  *out++ = ':';
  put_digits(out, time.seconds().count(), 2);
  return time.subseconds();
}

constexpr std::size_t kSecondsSize = sizeof "2023-11-14T22:13:20" - 1;

}  // namespace

std::string to_iso8601(Timestamp t) {
  std::string text(kSecondsSize + 1, 'Z');
  put_seconds(t, text.data());
  return text;
}

std::string to_iso8601_ms(Timestamp t) {
  std::string text(kSecondsSize + 5, 'Z');
  const auto rest = put_seconds(t, text.data());
  text[kSecondsSize] = '.';
  put_digits(text.data() + kSecondsSize + 1, rest.count(), 3);
  return text;
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
