// A report as text for people and for programs. All are pure functions of the report; it is best sorted
// before.
//
// What a report holds was written by strangers (file names, source, answers of servers): every form escapes
// all of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "doctor/report.h"

namespace latchkey::doctor {

enum class Format : std::uint8_t { text, json, html, junit, sarif };

// "html"; nothing when there is no such format.
std::optional<Format> parse_format(std::string_view name);

// How a terminal wants it.
struct TextStyle {
  bool has_colour = false;  // ANSI colours
  bool has_unicode = true;  // else ASCII symbols, and "?" for what has none
  std::size_t width = 80;   // columns that lines are wrapped to; file names and expressions are not
};

// Grouped by section, with a summary that names the first thing to fix.
std::string render_text(const Report& report, const TextStyle& style);

// The form that docs/doctor.md describes; one line.
std::string render_json(const Report& report);

// One page without scripts and without anything from elsewhere.
std::string render_html(const Report& report);

// JUnit XML: a test suite a section, a test case a finding. Warnings fail only when `is_strict`.
std::string render_junit(const Report& report, bool is_strict);

// SARIF 2.1.0: a result for each place of what does not pass. `base` is the project's folder relative to the
// root of the repository, with / and without .., empty when it is the root.
std::string render_sarif(const Report& report, std::string_view base);

}  // namespace latchkey::doctor
