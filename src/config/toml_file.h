// Takes a TOML text apart into settings that were given, each with its line.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace latchkey::config {

// One `key = value`: not yet known whether there is such a setting.
struct TomlEntry {
  std::string name;  // "section.key", or "key" when it stands outside a section
  std::optional<GivenValue>
      value;  // nothing for tables, dates and lists of them: no setting has such a value
  std::uint32_t line;
};

struct TomlSyntaxError {
  std::string description;
  std::uint32_t line;
};

// All entries in the order of their lines.
std::expected<std::vector<TomlEntry>, TomlSyntaxError> read_toml(std::string_view text);

}  // namespace latchkey::config
