// The rows behind settings.def: what is known of a setting without knowing its type.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/json_text.h"
#include "config/settings.h"
#include "config/values.h"

namespace latchkey::config {

// Least and most that are allowed, written as values of the setting's type; empty without bounds.
struct Bounds {
  std::string_view least, most;
  bool allows_zero = false;  // 0 as well
};

enum class TakesEffect : std::uint8_t { at_start, on_reload };

struct Section {
  std::string_view name, doc;
};

// One setting. Constant, without allocations: building the table costs nothing at start.
struct Setting {
  std::string_view name;  // "session.idle_lifetime"
  std::string_view default_text;
  std::string_view doc;
  Bounds bounds;
  TakesEffect takes_effect;
  bool is_secret;  // its value is never shown
  // A value with a secret in it as it may be shown; null for types that cannot have one.
  std::string (*shown_text)(const Settings& from);
  bool is_list;
  // What a value must be, for people: "a time in s, m, h or d, such as 30s"
  const std::string_view* form;
  // Reads `given` into `to`. On failure says what would be right, never the given text; `to` is as before.
  std::expected<void, std::string> (*assign)(Settings& to, const GivenValue& given, const Bounds& bounds);
  void (*copy)(Settings& to, const Settings& from);
  // The value as one text, lists separated by commas, secrets too.
  std::string (*confidential_text)(const Settings& from);
  // The value as JSON; its texts, numbers and lists are TOML as well. Secrets too.
  void (*write_confidential_json)(base::JsonWriter& json, const Settings& from);

  // Whether `print` shows less than was set.
  bool hides(const Settings& settings) const;
  std::string_view section() const { return name.substr(0, name.find('.')); }
  std::string_view key() const { return name.substr(name.find('.') + 1); }
  std::string environment_variable() const;  // "LATCHKEY_SESSION__IDLE_LIFETIME"
};

// In the order of settings.def; the settings of a section stand together.
std::span<const Setting> all_settings();
std::span<const Section> all_sections();
// nullptr when there is none.
const Setting* find_setting(std::string_view name);
const Section* find_section(std::string_view name);

// The value as `print` shows it: TOML, or what stands for a secret.
std::string shown_value(const Setting& setting, const Settings& settings);
// "1 to 256", "0, or 1h to 3650d"; empty without bounds.
std::string bounds_text(const Bounds& bounds);

}  // namespace latchkey::config
