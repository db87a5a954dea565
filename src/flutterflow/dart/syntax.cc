#include "flutterflow/dart/syntax.h"

#include <algorithm>
#include <charconv>

namespace latchkey::flutterflow::dart {
namespace {

template <class T>
const T* find_named(List<T> list, std::string_view name) {
  const auto found = std::ranges::find(list, name, &T::name);
  return found == list.end() ? nullptr : &*found;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t value) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
  };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0U | c >> 6U);
    byte(0x80U | (c & 0x3fU));
  } else if (c < 0x10000) {
    byte(0xe0U | c >> 12U);
    byte(0x80U | (c >> 6U & 0x3fU));
    byte(0x80U | (c & 0x3fU));
  } else {
    byte(0xf0U | c >> 18U);
    byte(0x80U | (c >> 12U & 0x3fU));
    byte(0x80U | (c >> 6U & 0x3fU));
    byte(0x80U | (c & 0x3fU));
  }
}

// Of `text`, which begins after `\x` or `\u`: the character's number and how many bytes say it; nothing when
// they do not.
std::optional<std::pair<std::uint32_t, std::size_t>> hexadecimal(std::string_view text, std::size_t digits) {
  std::size_t prefix = 0;
  std::size_t suffix = 0;
  if (digits == 4 && text.starts_with('{')) {
    const std::size_t close = text.find('}');
    if (close > 7) return std::nullopt;  // nowhere, too
    prefix = suffix = 1;
    digits = close - 1;
  }
  if (digits == 0 || text.size() < prefix + digits) return std::nullopt;
  std::uint32_t value = 0;
  const char* const begin = text.data() + prefix;
  const auto [end, error] = std::from_chars(begin, begin + digits, value, 16);
  if (error != std::errc() || end != begin + digits || value > 0x10ffff) return std::nullopt;
  return std::pair(value, prefix + digits + suffix);
}

void append_unescaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.size() < 2) break;  // at the end, or a lone backslash, which no literal ends with
    const char c = text[1];
    text.remove_prefix(2);
    if (c == 'x' || c == 'u') {
      if (const auto number = hexadecimal(text, c == 'x' ? 2 : 4)) {
        append_utf8(out, number->first);
        text.remove_prefix(number->second);
        continue;
      }
    }
    constexpr std::string_view kLetters = "nrtbfv";
    constexpr std::string_view kMeant = "\n\r\t\b\f\v";
    const std::size_t letter = kLetters.find(c);
    out.push_back(letter == std::string_view::npos ? c : kMeant[letter]);
  }
}

}  // namespace

const Argument* Expression::find_argument(std::string_view name) const { return find_named(arguments, name); }

const Function* Class::find_function(std::string_view wanted) const {
  const auto found = std::ranges::find_if(functions, [&](const Function* f) { return f->name == wanted; });
  return found == functions.end() ? nullptr : *found;
}

const Variable* Class::find_field(std::string_view wanted) const { return find_named(fields, wanted); }

std::vector<std::string_view> chain_of(ExpressionPtr expression) {
  std::vector<std::string_view> names;
  while (expression != nullptr) {
    if (expression->kind == ExpressionKind::identifier) {
      names.push_back(expression->text);
      std::ranges::reverse(names);
      return names;
    }
    if (expression->kind == ExpressionKind::member) {
      names.push_back(expression->text);
    } else if (expression->kind != ExpressionKind::call && expression->kind != ExpressionKind::index &&
               expression->kind != ExpressionKind::non_null && expression->kind != ExpressionKind::await) {
      break;
    }
    expression = expression->target;
  }
  return {};
}

std::optional<std::string> constant_text(ExpressionPtr expression) {
  if (expression == nullptr || expression->kind != ExpressionKind::string) return std::nullopt;
  std::string text;
  for (const StringPart& part : expression->parts) {
    if (part.expression != nullptr) return std::nullopt;
    if (part.is_raw) {
      text.append(part.text);
    } else {
      append_unescaped(text, part.text);
    }
  }
  return text;
}

std::string one_line(const Unit& unit, const Span& span, std::size_t limit) {
  std::string line;
  for (const char c : unit.text(span)) {
    if (!is_space(c)) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
    if (line.size() > limit + 1)
      break;  // one more tells that it is too long, white space at the end does not
  }
  while (line.ends_with(' ')) line.pop_back();
  if (line.size() <= limit) return line;
  constexpr std::string_view kEllipsis = "…";
  std::size_t kept = limit < kEllipsis.size() ? 0 : limit - kEllipsis.size();
  while (kept > 0 && (static_cast<unsigned char>(line[kept]) & 0xc0U) == 0x80U) --kept;
  return line.substr(0, kept).append(kEllipsis);
}

}  // namespace latchkey::flutterflow::dart
