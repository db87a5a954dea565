// Text for a terminal: columns that line up, and no control characters of strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"

namespace latchkey::cli {

// Rows under a head, columns two blanks apart, as wide as their longest cell; no line end after the last row.
std::string render_table(const std::vector<std::string>& head,
                         const std::vector<std::vector<std::string>>& rows);

// `text` with control characters shown as "?", so that stored text cannot steer the terminal.
std::string printable(std::string_view text);

// "2023-11-14T22:13:20Z", or "-" for nothing.
std::string time_text(std::optional<base::Timestamp> time);
// The same, or null.
void write_time(base::JsonWriter& json, std::string_view name, std::optional<base::Timestamp> time);

}  // namespace latchkey::cli
