// Source as it may be shown: on one line, secrets by their first characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "flutterflow/project.h"

namespace latchkey::doctor {

// The first characters of a secret, at most six and never more than a third of it, and an ellipsis.
std::string first_characters(std::string_view secret);

// Whether a text looks like a key or a token: long, without blanks, letters and digits mixed.
bool looks_secret(std::string_view text);

// `text` with everything in quotes shortened that looks like a secret or stands behind the name of a
// password.
std::string redacted(std::string_view text);

// An expression for a report.
std::string shown(const flutterflow::Site& site, std::size_t limit = 160);

}  // namespace latchkey::doctor
