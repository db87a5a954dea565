#include "doctor/project/redact.h"

#include <algorithm>

#include "doctor/project/roles.h"

namespace latchkey::doctor {
namespace {

constexpr std::size_t kShortestSecret = 20;

bool is_secret_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '+' || c == '=' || c == '|' || c == '~';
}

// The name right before a quote: of `password: '` and `"password": "` password.
std::string_view name_before(std::string_view text, std::size_t quote) {
  std::size_t end = quote;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == ':' || text[end - 1] == '=' ||
                     text[end - 1] == '"' || text[end - 1] == '\'' || text[end - 1] == '\\')) {
    --end;
  }
  if (end == quote) return {};
  std::size_t begin = end;
  while (begin > 0 && (is_secret_char(text[begin - 1]) && text[begin - 1] != '.')) --begin;
  return text.substr(begin, end - begin);
}

// A quoted text with its secrets shortened: the runs between blanks and the separators of addresses.
std::string redacted_literal(std::string_view literal) {
  std::string result;
  std::size_t at = 0;
  while (at < literal.size()) {
    std::size_t end = at;
    while (end < literal.size() && is_secret_char(literal[end])) ++end;
    const std::string_view run = literal.substr(at, end - at);
    result += looks_secret(run) ? first_characters(run) : std::string(run);
    if (end < literal.size()) result += literal[end++];
    at = end;
  }
  return result;
}

}  // namespace

std::string first_characters(std::string_view secret) {
  const std::size_t count = std::min<std::size_t>(6, secret.size() / 3);
  return std::string(secret.substr(0, count)) + "…";
}

bool looks_secret(std::string_view text) {
  if (text.size() < kShortestSecret) return false;
  std::size_t digits = 0;
  std::size_t letters = 0;
  for (const char c : text) {
    if (!is_secret_char(c)) return false;
    digits += c >= '0' && c <= '9' ? 1 : 0;
    letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1 : 0;
  }
  if (text.starts_with("eyJ") && text.find('.') != std::string_view::npos) return true;
  return digits >= 3 && letters >= 1 && std::ranges::count(text, '.') <= 2;
}

std::string redacted(std::string_view text) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c != '\'' && c != '"') {
      result += c;
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != c) end += text[end] == '\\' ? 2U : 1U;
    end = std::min(end, text.size());
    const std::string_view literal = text.substr(at + 1, end - at - 1);
    result += c;
    // A value that is put in is no secret: it stands there by its name.
    if (is_plain_password_name(name_before(text, at)) && !literal.empty() &&
        literal.find('$') == std::string_view::npos) {
      result += first_characters(literal);
    } else {
      result += redacted_literal(literal);
    }
    if (end < text.size()) result += c;
    at = end + 1;
  }
  return result;
}

std::string shown(const flutterflow::Site& site, std::size_t limit) {
  if (site.unit == nullptr) return {};
  return redacted(flutterflow::dart::one_line(site.unit->unit, site.span, limit));
}

}  // namespace latchkey::doctor
