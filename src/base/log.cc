#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <span>

#include "base/clock.h"
#include "base/json_text.h"

namespace latchkey::base {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::notice:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class SpdLogger final : public Logger {
 public:
  SpdLogger(bool pretty, LogLevel level) : pretty_(pretty), level_(level) {
    spdlog::sink_ptr sink;
    if (pretty) {
      sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
      sink->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      sink->set_pattern("%v");
    }
    logger_ = std::make_unique<spdlog::logger>("latchkey", std::move(sink));
    logger_->set_level(spdlog::level::trace);
    logger_->set_error_handler([](const std::string&) {});
  }

  bool is_enabled(LogLevel level) const override { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) override { level_.store(level, std::memory_order_relaxed); }

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    const std::string line = pretty_ ? pretty_line(event, fields) : json_line(level, event, fields);
    logger_->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }
  void flush() override { logger_->flush(); }

 private:
  static std::string pretty_line(std::string_view event, std::span<const LogField> fields) {
    std::string line(event);
    for (const LogField& field : fields) {
      fmt::format_to(std::back_inserter(line), " {}=", field.key);
      if (const auto* text = std::get_if<std::string>(&field.value)) {
        const bool plain = !text->empty() && std::all_of(text->begin(), text->end(), [](char c) {
          return c > 0x20 && c < 0x7F && c != '"' && c != '=';
        });
        if (plain) {
          line += *text;
        } else {
          append_json_string(line, *text);
        }
      } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        fmt::format_to(std::back_inserter(line), "{}", *number);
      } else {
        fmt::format_to(std::back_inserter(line), "{:.3f}", std::get<double>(field.value));
      }
    }
    return line;
  }

  static std::string json_line(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    std::string line;
    line.reserve(256);
    JsonWriter json(line);
    json.begin_object();
    json.member("time", to_iso8601_ms(SystemClock().now()));
    json.member("level", to_string(level));
    json.member("event", event);
    for (const LogField& field : fields) {
      json.key(field.key);
      if (const auto* text = std::get_if<std::string>(&field.value)) {
        json.value(*text);
      } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        json.value(*number);
      } else {
        json.raw(fmt::format("{:.3f}", std::get<double>(field.value)));
      }
    }
    json.end_object();
    return line;
  }

  bool pretty_;
  std::atomic<LogLevel> level_;
  std::unique_ptr<spdlog::logger> logger_;
};

class NullLogger final : public Logger {
 public:
  bool is_enabled(LogLevel) const override { return false; }
  void set_level(LogLevel) override {}
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
  void flush() override {}
};

}  // namespace

std::unique_ptr<Logger> make_stderr_logger(LogFormat format, LogLevel level) {
  const bool pretty =
      format == LogFormat::pretty || (format == LogFormat::automatic && isatty(STDERR_FILENO) == 1);
  return std::make_unique<SpdLogger>(pretty, level);
}

std::unique_ptr<Logger> make_null_logger() { return std::make_unique<NullLogger>(); }

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::notice:
      return "notice";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

}  // namespace latchkey::base
