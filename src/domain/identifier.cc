#include "domain/identifier.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

namespace latchkey::domain {
namespace {

// What is longer before normalisation is refused unread: no valid identifier comes near it.
constexpr std::size_t kMaxInputBytes = 1024;
constexpr std::size_t kMinEmailBytes = 3;
constexpr std::size_t kMaxEmailBytes = 320;
constexpr std::size_t kMaxUsernameCharacters = 64;
constexpr std::size_t kMinPhoneDigits = 7;
constexpr std::size_t kMaxPhoneDigits = 15;

enum class Folding : bool { keep_case, fold_case };

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// NFKC without default-ignorable code points (zero-width characters, soft hyphen, variation selectors), so
// that texts which look the same because they differ only in what cannot be seen are the same.
std::optional<std::string> normalise(std::string_view text, Folding folding) {
  if (is_ascii(text)) {
    std::string out(text);
    if (folding == Folding::fold_case) std::ranges::transform(out, out.begin(), ascii_lower);
    return out;
  }
  unsigned options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE;
  if (folding == Folding::fold_case) options |= UTF8PROC_CASEFOLD;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

// The code points of `text`; nothing for invalid UTF-8.
std::optional<std::vector<char32_t>> decode(std::string_view text) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &code_point);
    if (used <= 0) return std::nullopt;
    out.push_back(static_cast<char32_t>(code_point));
    at += used;
    left -= used;
  }
  return out;
}

// The property White_Space of Unicode.
bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool is_control(char32_t c) { return category(c) == UTF8PROC_CATEGORY_CC; }

bool is_ignorable(char32_t c) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->ignorable != 0;
}

bool is_letter_or_digit(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT ||
         kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_LO || kind == UTF8PROC_CATEGORY_ND;
}

// An accent or vowel sign that belongs to the letter before it.
bool is_mark(char32_t c) {
  const utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC;
}

// `text` without blanks and invisible characters at its ends; nothing for invalid UTF-8.
std::optional<std::string_view> trim(std::string_view text) {
  const auto code_points = decode(text);
  if (!code_points) return std::nullopt;
  const auto is_dropped = [](char32_t c) { return is_blank(c) || is_ignorable(c); };
  const auto width = [](char32_t c) -> std::size_t {
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  };
  for (auto it = code_points->begin(); it != code_points->end() && is_dropped(*it); ++it) {
    text.remove_prefix(width(*it));
  }
  for (auto it = code_points->rbegin(); it != code_points->rend() && !text.empty() && is_dropped(*it); ++it) {
    text.remove_suffix(width(*it));
  }
  return text;
}

// What every identifier goes through first. `field` names it in the error.
base::Result<std::string> read(std::string_view untrusted, Folding folding, const char* field,
                               const char* expected) {
  if (untrusted.size() > kMaxInputBytes) {
    return base::fail(base::field_error(field, std::string("is too long; ") + expected));
  }
  const auto trimmed = trim(untrusted);
  auto normal = trimmed ? normalise(*trimmed, folding) : std::nullopt;
  if (!normal) return base::fail(base::field_error(field, "must be valid UTF-8 text"));
  if (normal->empty()) return base::fail(base::field_error(field, std::string("is empty; ") + expected));
  const std::string lower = *fold_text(*normal);
  if (lower == "null" || lower == "undefined") {
    return base::fail(base::field_error(
        field, "is the text \"" + lower + "\", so the variable behind it is not set; " + expected));
  }
  return std::move(*normal);
}

constexpr const char* kEmailExpected = "must be an email address such as ada@example.com";
constexpr const char* kUsernameExpected =
    "must be 1 to 64 letters, digits, dots, dashes or underscores, begin and end with a letter or digit, and "
    "not "
    "begin with 00";
constexpr const char* kPhoneExpected = "must be a phone number with its country code, such as +49 30 1234567";
constexpr const char* kIdentifierExpected = "must be an email address, a user name or a phone number";

// Characters that stand for structure in a mail header (RFC 5322 "specials" but the dot).
bool is_mail_special(char32_t c) {
  return c < 0x80 && std::string_view("()<>[]:;,\\\"").contains(static_cast<char>(c));
}

bool is_local_part(std::span<const char32_t> part) {
  return !part.empty() && std::ranges::none_of(part, [](char32_t c) {
    return is_blank(c) || is_control(c) || is_mail_special(c) || c == '@';
  });
}

bool is_host_label(std::span<const char32_t> label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label,
                             [](char32_t c) { return c == '-' || is_letter_or_digit(c) || is_mark(c); });
}

bool is_host(std::span<const char32_t> host) {
  std::size_t labels = 0;
  for (auto begin = host.begin();;) {
    const auto dot = std::find(begin, host.end(), U'.');
    if (!is_host_label({begin, dot})) return false;
    ++labels;
    if (dot == host.end()) return labels >= 2;
    begin = dot + 1;
  }
}

bool is_username(std::span<const char32_t> name) {
  const auto is_inside = [](char32_t c) {
    return is_letter_or_digit(c) || is_mark(c) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxUsernameCharacters && is_letter_or_digit(name.front()) &&
         (is_letter_or_digit(name.back()) || is_mark(name.back())) && std::ranges::all_of(name, is_inside) &&
         !(name.size() >= 2 && name[0] == '0' && name[1] == '0');
}

// Arabic-Indic and Persian digits, which NFKC leaves as they are but phones' keyboards write.
char32_t to_ascii_digit(char32_t c) {
  if (c >= 0x0660 && c <= 0x0669) return c - 0x0660 + '0';
  if (c >= 0x06F0 && c <= 0x06F9) return c - 0x06F0 + '0';
  return c;
}

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

bool is_phone_separator(char32_t c) {
  return is_blank(c) || category(c) == UTF8PROC_CATEGORY_PD || c == 0x2212 || c == '.' || c == '/' ||
         c == '(' || c == ')';
}

}  // namespace

std::optional<std::string> fold_text(std::string_view text) { return normalise(text, Folding::fold_case); }

base::Result<Email> Email::parse(std::string_view untrusted) {
  auto text = read(untrusted, Folding::fold_case, "email", kEmailExpected);
  if (!text) return base::fail(std::move(text.error()));
  const auto code_points = decode(*text);
  const std::span<const char32_t> all(*code_points);
  const auto at = std::ranges::find(all, U'@');
  const bool good = text->size() >= kMinEmailBytes && text->size() <= kMaxEmailBytes && at != all.end() &&
                    is_local_part({all.begin(), at}) && is_host({at + 1, all.end()});
  if (!good) return base::fail(base::field_error("email", kEmailExpected));
  return Email(std::move(*text));
}

base::Result<Username> Username::parse(std::string_view untrusted) {
  auto shown = read(untrusted, Folding::keep_case, "username", kUsernameExpected);
  if (!shown) return base::fail(std::move(shown.error()));
  if (!is_username(*decode(*shown))) {
    return base::fail(base::field_error("username", kUsernameExpected));
  }
  std::string key = *fold_text(*shown);
  return Username(std::move(*shown), std::move(key));
}

base::Result<Phone> Phone::parse(std::string_view untrusted) {
  auto text = read(untrusted, Folding::keep_case, "phone", kPhoneExpected);
  if (!text) return base::fail(std::move(text.error()));
  const auto wrong = base::fail(base::field_error("phone", kPhoneExpected));

  std::vector<char32_t> rest = *decode(*text);
  std::ranges::transform(rest, rest.begin(), to_ascii_digit);
  if (rest.front() == '+') {
    rest.erase(rest.begin());
  } else if (rest.size() >= 2 && rest[0] == '0' && rest[1] == '0') {
    rest.erase(rest.begin(), rest.begin() + 2);
  } else {
    return wrong;
  }
  std::string number = "+";
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char32_t c = rest[i];
    // "+49 (0)30 …": the zero in brackets is only for calls inside the country.
    const bool is_trunk_prefix =
        i > 0 && c == '(' && i + 2 < rest.size() && rest[i + 1] == '0' && rest[i + 2] == ')';
    if (is_trunk_prefix) {
      i += 2;
    } else if (is_digit(c)) {
      number += static_cast<char>(c);
    } else if (!is_phone_separator(c)) {
      return wrong;
    }
  }
  const std::size_t digits = number.size() - 1;
  if (digits < kMinPhoneDigits || digits > kMaxPhoneDigits || number[1] == '0') return wrong;
  return Phone(std::move(number));
}

base::Result<Identifier> parse_identifier(std::string_view untrusted) {
  const auto as_identifier = [](auto parsed) -> base::Result<Identifier> {
    if (parsed) return Identifier(std::move(*parsed));
    base::Error error = std::move(parsed.error());
    for (base::FieldError& field : error.fields) field.field = "identifier";
    return base::fail(std::move(error));
  };
  const auto text = read(untrusted, Folding::keep_case, "identifier", kIdentifierExpected);
  if (!text) return base::fail(text.error());
  if (text->contains('@')) return as_identifier(Email::parse(untrusted));
  if (text->starts_with('+') || text->starts_with("00")) return as_identifier(Phone::parse(untrusted));
  return as_identifier(Username::parse(untrusted));
}

std::string identifier_key(const Identifier& identifier) {
  struct Visitor {
    std::string operator()(const Email& email) const { return "email:" + email.text(); }
    std::string operator()(const Username& username) const { return "username:" + username.key(); }
    std::string operator()(const Phone& phone) const { return "phone:" + phone.text(); }
  };
  return std::visit(Visitor{}, identifier);
}

}  // namespace latchkey::domain
