#include "cli/table.h"

#include <algorithm>

namespace latchkey::cli {
namespace {

// Characters, not bytes; close enough to columns for names and addresses.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_row(std::string& out, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += cells[i];
    if (i + 1 < cells.size()) out.append(widths[i] - width(cells[i]) + 2, ' ');
  }
}

}  // namespace

std::string render_table(const std::vector<std::string>& head,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < head.size(); ++i) {
    widths.push_back(width(head[i]));
    for (const auto& row : rows) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  append_row(out, head, widths);
  for (const auto& row : rows) {
    out += '\n';
    append_row(out, row, widths);
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, two bytes in UTF-8, are control characters as well.
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    result += is_c1 || byte < 0x20 || byte == 0x7F ? '?' : text[i];
  }
  return result;
}

std::string time_text(std::optional<base::Timestamp> time) { return time ? base::to_iso8601(*time) : "-"; }

void write_time(base::JsonWriter& json, std::string_view name, std::optional<base::Timestamp> time) {
  json.key(name);
  if (time) {
    json.value(base::to_iso8601(*time));
  } else {
    json.null();
  }
}

}  // namespace latchkey::cli
