// What is wrong with a configuration, in words that say where and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::config {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  std::string origin;   // "latchkey.toml:12", "LATCHKEY_LOG__LEVEL", "--set"; empty when it is a default's
  std::string setting;  // "log.level"; empty when it is about the whole file
  std::string message;  // a sentence without a full stop, free of secrets

  // "latchkey.toml:12: error: log.level must be debug, info, notice, warn or error"
  std::string text() const;
};

}  // namespace latchkey::config
