// Time as something that is handed in: nothing outside SystemClock may ask the machine what time it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace latchkey::base {

// A point in time, UTC, in milliseconds since 1970-01-01 (the resolution that is stored).
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

inline std::int64_t to_unix_ms(Timestamp t) { return t.time_since_epoch().count(); }
// Rounded down.
inline std::int64_t to_unix_seconds(Timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
inline Timestamp from_unix_ms(std::int64_t ms) { return Timestamp(Milliseconds(ms)); }
inline Timestamp from_unix_seconds(std::int64_t s) { return Timestamp(Seconds(s)); }

// "2023-11-14T22:13:20Z": whole seconds, rounded down, so that it agrees with to_unix_seconds.
std::string to_iso8601(Timestamp t);
// "2023-11-14T22:13:20.123Z"
std::string to_iso8601_ms(Timestamp t);

// CPU time that the calling thread has used: for metering work, never for deciding anything.
std::chrono::nanoseconds thread_cpu_time();

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock. May jump.
  virtual Timestamp now() const = 0;
  // For durations and limits. Never goes back.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

}  // namespace latchkey::base
