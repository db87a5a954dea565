// Structured logs: an event name and fields, as one JSON object a line or as a pretty line on a terminal.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace latchkey::base {

// One field of a log line. base::Secret has no conversion to it, on purpose.
struct LogField {
  template <std::integral I>
  LogField(std::string_view k, I v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  std::string_view key;  // a literal
  std::variant<std::int64_t, double, std::string> value;
};

// Where log lines go. Thread-safe; never throws; a full disk loses lines, not requests.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool is_enabled(LogLevel level) const = 0;
  // May be called while others log: takes effect from the next line on.
  virtual void set_level(LogLevel level) = 0;
  // `event` is a short constant phrase in lower case, such as "request" or "server started".
  virtual void write(LogLevel level, std::string_view event, std::span<const LogField> fields) = 0;
  virtual void flush() = 0;

  void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (is_enabled(level)) write(level, event, {fields.begin(), fields.size()});
  }
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::info, event, fields);
  }
  void notice(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::notice, event, fields);
  }
  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::warn, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::error, event, fields);
  }
};

enum class LogFormat : std::uint8_t { automatic, pretty, json };  // automatic: pretty on a terminal

// Writes to standard error. Control characters in values are escaped, so a value cannot forge a line.
std::unique_ptr<Logger> make_stderr_logger(LogFormat format, LogLevel level);
// Drops everything; for tests and tools.
std::unique_ptr<Logger> make_null_logger();

std::string_view to_string(LogLevel level);

}  // namespace latchkey::base
