#include "config/nearest_name.h"

#include <algorithm>
#include <vector>

#include "config/table.h"

namespace latchkey::config {
namespace {

// Longer texts are no misspelling of any setting; this also bounds the time.
constexpr std::size_t kLongestName = 64;

// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal
// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_setting(std::string_view unknown) {
  if (unknown.size() > kLongestName) return {};
  const std::string_view unknown_key = unknown.substr(unknown.find('.') + 1);
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, unknown.size() / 4) + 1;
  for (const Setting& setting : all_settings()) {
    std::size_t distance = edit_distance(unknown, setting.name);
    // The right key in the wrong section, or without one, is nearer than its letters say.
    if (unknown_key == setting.key()) distance = std::min<std::size_t>(distance, 2);
    if (distance < least) {
      least = distance;
      nearest = setting.name;
    }
  }
  return nearest;
}

}  // namespace latchkey::config
