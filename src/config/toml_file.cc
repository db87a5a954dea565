#include "config/toml_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace latchkey::config {
namespace {

// A scalar as one would write it.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_floating_point()) return std::to_string(number->get());
  return std::nullopt;
}

std::optional<GivenValue> given_value(const toml::node& node) {
  if (auto text = scalar_text(node)) return GivenValue{{*std::move(text)}, false};
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  GivenValue value{{}, true};
  for (const toml::node& item : *array) {
    auto text = scalar_text(item);
    if (!text) return std::nullopt;
    value.items.push_back(*std::move(text));
  }
  return value;
}

}  // namespace

std::expected<std::vector<TomlEntry>, TomlSyntaxError> read_toml(std::string_view text) {
  std::vector<TomlEntry> entries;
  const auto take = [&](std::string name, const toml::node& node) {
    entries.push_back({std::move(name), given_value(node), node.source().begin.line});
  };
  try {
    const toml::table root = toml::parse(text);
    for (const auto& [section, node] : root) {
      const toml::table* table = node.as_table();
      if (table == nullptr) take(std::string(section.str()), node);
      if (table == nullptr) continue;
      for (const auto& [key, value] : *table) {
        take(std::string(section.str()).append(".").append(key.str()), value);
      }
    }
  } catch (const toml::parse_error& error) {
    return std::unexpected(TomlSyntaxError{std::string(error.description()), error.source().begin.line});
  }
  std::ranges::sort(entries, {}, [](const TomlEntry& entry) { return std::tie(entry.line, entry.name); });
  return entries;
}

}  // namespace latchkey::config
