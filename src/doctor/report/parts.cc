#include "doctor/report/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Bytes that follow the first one; -1 when it is none.
int followers(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xC2 && first < 0xE0) return 1;
  if (first >= 0xE0 && first < 0xF0) return 2;
  if (first >= 0xF0 && first < 0xF5) return 3;
  return -1;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::optional<Format> parse_format(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  if (name == "html") return Format::html;
  if (name == "junit") return Format::junit;
  if (name == "sarif") return Format::sarif;
  return std::nullopt;
}

Texts texts_of(const Finding& finding) {
  const bool is_wrong = finding.verdict == Verdict::fail || finding.verdict == Verdict::warn ||
                        finding.verdict == Verdict::note;
  const bool is_quiet = finding.verdict == Verdict::pass || finding.verdict == Verdict::skipped;
  Texts texts;
  if (const CheckInfo* check = find_check(finding.id); check != nullptr) {
    texts.section = check->section;
    texts.title = is_wrong ? check->title : check->topic;
    if (!is_quiet) texts.why = check->why;
    if (!is_quiet) texts.fix = check->fix;
  } else {
    texts.title = finding.id;
  }
  if (!finding.fix.empty()) texts.fix = finding.fix;
  return texts;
}

std::vector<SectionFindings> by_section(const Report& report) {
  std::vector<SectionFindings> sections;
  for (int i = 0; i <= static_cast<int>(Section::flow); ++i)
    sections.push_back({.section = static_cast<Section>(i), .findings = {}});
  for (const Finding& finding : report.findings)
    sections[static_cast<std::size_t>(texts_of(finding).section)].findings.push_back(&finding);
  std::erase_if(sections, [](const SectionFindings& section) { return section.findings.empty(); });
  return sections;
}

std::string counts_in_words(const Report& report) {
  const auto count = [&](Verdict verdict) { return report.count(verdict); };
  std::vector<std::string> parts;
  if (const auto n = count(Verdict::fail)) parts.push_back(counted(n, "failure", "failures"));
  if (const auto n = count(Verdict::warn)) parts.push_back(counted(n, "warning", "warnings"));
  if (const auto n = count(Verdict::note)) parts.push_back(counted(n, "note", "notes"));
  if (const auto n = count(Verdict::ask))
    parts.push_back(counted(n, "question for you", "questions for you"));
  if (const auto n = count(Verdict::pass)) parts.push_back(fmt::format("{} passed", n));
  if (const auto n = count(Verdict::skipped)) parts.push_back(fmt::format("{} not checked", n));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string where(const Place& place) {
  if (place.line == 0) return place.file;
  if (place.end_line <= place.line) return fmt::format("{}:{}", place.file, place.line);
  return fmt::format("{}:{}-{}", place.file, place.line, place.end_line);
}

char32_t next_character(std::string_view text, std::size_t& position) {
  const auto first = static_cast<unsigned char>(text[position++]);
  const int count = followers(first);
  if (count == 0) return first;
  if (count < 0) return kReplacement;
  char32_t character = first & (0x3FU >> static_cast<unsigned>(count));
  std::size_t end = position;
  for (int i = 0; i < count; ++i, ++end) {
    if (end >= text.size() || (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) return kReplacement;
    character = (character << 6U) | (static_cast<unsigned char>(text[end]) & 0x3FU);
  }
  const bool is_overlong = (count == 2 && character < 0x800) || (count == 3 && character < 0x10000);
  if (is_overlong || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000)) return kReplacement;
  position = end;
  return character;
}

void append_utf8(std::string& out, char32_t character) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0U | (character >> 6U));
    put(0x80U | (character & 0x3FU));
  } else if (character < 0x10000) {
    put(0xE0U | (character >> 12U));
    put(0x80U | ((character >> 6U) & 0x3FU));
    put(0x80U | (character & 0x3FU));
  } else {
    put(0xF0U | (character >> 18U));
    put(0x80U | ((character >> 12U) & 0x3FU));
    put(0x80U | ((character >> 6U) & 0x3FU));
    put(0x80U | (character & 0x3FU));
  }
}

bool is_harmful(char32_t character) {
  const bool is_control = (character < 0x20 && character != '\n') || (character >= 0x7F && character < 0xA0);
  const bool is_direction = character == 0x61C || character == 0x200E || character == 0x200F ||
                            (character >= 0x2028 && character <= 0x202E) ||
                            (character >= 0x2066 && character <= 0x2069);
  // No characters, for XML neither.
  const bool is_nothing = character == 0xFEFF || (character & 0xFFFEU) == 0xFFFEU ||
                          (character >= 0xFDD0 && character <= 0xFDEF) ||
                          (character >= 0xE0000 && character <= 0xE007F);
  return is_control || is_direction || is_nothing;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char32_t character = next_character(text, i);
    if (character == '\t') {
      out += ' ';
    } else if (character == '\r') {
      if (i >= text.size() || text[i] != '\n') out += '\n';
    } else {
      append_utf8(out, is_harmful(character) ? kReplacement : character);
    }
  }
  return out;
}

std::string harmless_line(std::string_view text) {
  std::string out = harmless(text);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

}  // namespace latchkey::doctor
