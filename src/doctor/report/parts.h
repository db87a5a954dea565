// What the forms of a report share: the texts of a finding, and strangers' text made harmless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/report.h"

namespace latchkey::doctor {

// The texts that go with a finding. Views into the catalogue and into the finding.
struct Texts {
  Section section = Section::flow;
  std::string_view title;  // the topic when nothing is wrong or known to be
  std::string_view why;    // empty when nothing is wrong
  std::string_view fix;    // empty when there is nothing to do
};
Texts texts_of(const Finding& finding);

// The findings of a section in their order.
struct SectionFindings {
  Section section = Section::flow;
  std::vector<const Finding*> findings;
};
// The sections that have findings, in their order.
std::vector<SectionFindings> by_section(const Report& report);

// "3 failures, 1 warning", in the order of weight, without those that are none; empty when there is nothing.
std::string counts_in_words(const Report& report);

// "lib/a.dart:12-14", "lib/a.dart:12" or "lib/a.dart".
std::string where(const Place& place);

// The character at `position`, which moves behind it; U+FFFD for a byte that starts no valid UTF-8.
char32_t next_character(std::string_view text, std::size_t& position);
void append_utf8(std::string& out, char32_t character);

// Characters that steer a terminal, turn the direction of text round, or are no text at all; not the line
// feed.
bool is_harmful(char32_t character);

// `text` as valid UTF-8 with harmful characters as U+FFFD and tabs as blanks.
std::string harmless(std::string_view text);
// The same on one line.
std::string harmless_line(std::string_view text);

}  // namespace latchkey::doctor
