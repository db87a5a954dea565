#include "base/json_text.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/json_reader.h"

namespace latchkey::base {
namespace json = boost::json;

namespace {

// How many bytes at the start of `text` form one valid UTF-8 character; 0 if they do not (RFC 3629: no
// overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead == 0xE0) return continues(1, 0xA0) && continues(2) ? 3 : 0;
  if (lead == 0xED) return continues(1, 0x80, 0x9F) && continues(2) ? 3 : 0;
  if (lead >= 0xE1 && lead <= 0xEF) return continues(1) && continues(2) ? 3 : 0;
  if (lead == 0xF0) return continues(1, 0x90) && continues(2) && continues(3) ? 4 : 0;
  if (lead >= 0xF1 && lead <= 0xF3) return continues(1) && continues(2) && continues(3) ? 4 : 0;
  if (lead == 0xF4) return continues(1, 0x80, 0x8F) && continues(2) && continues(3) ? 4 : 0;
  return 0;
}

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F && c != '"' &&
         c != '\\';
}

template <std::integral Number>
void append_integer(std::string& out, Number number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

void append_double(std::string& out, double number) {
  std::array<char, 32> text;
  const auto write = [&](std::chars_format format) {
    return std::string_view(text.data(), std::to_chars(text.data(), text.end(), number, format).ptr);
  };
  const double size = std::abs(number);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) {
    const std::string_view fixed = write(std::chars_format::fixed);
    out.append(fixed);
    if (fixed.find('.') == fixed.npos) out += ".0";
    return;
  }
  // "1.5e+07", "1e-07": without the plus and the zeros that only fill up.
  const std::string_view scientific = write(std::chars_format::scientific);
  const std::size_t exponent = scientific.find('e') + 1;
  out.append(scientific.substr(0, exponent));
  if (scientific[exponent] == '-') out += '-';
  out.append(scientific.substr(scientific.find_first_not_of("+-0", exponent)));
}

}  // namespace

Result<JsonObjectText> JsonObjectText::parse(std::string_view text, std::size_t max_bytes) {
  const auto value = parse_json(text);
  if (!value || !value->is_object()) return fail(ErrorCode::validation_failed, "not a JSON object");
  std::string compact;
  append_json(compact, *value);
  if (compact.size() > max_bytes) return fail(ErrorCode::validation_failed, "too large");
  return JsonObjectText(std::move(compact));
}

JsonObjectText JsonObjectText::merged_with(const JsonObjectText& change) const {
  if (change.text_ == "{}") return *this;
  json::value merged = parse_json(text_).value();
  const json::value changes = parse_json(change.text_).value();
  for (const auto& [key, value] : changes.as_object()) {
    if (value.is_null()) {
      merged.as_object().erase(key);
    } else {
      merged.as_object()[key] = value;
    }
  }
  std::string compact;
  append_json(compact, merged);
  return JsonObjectText(std::move(compact));
}

void append_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      return append_integer(out, value.get_int64());
    case json::kind::uint64:
      return append_integer(out, value.get_uint64());
    case json::kind::double_:
      return append_double(out, value.get_double());
    case json::kind::string:
      return append_json_string(out, value.get_string());
    case json::kind::array: {
      char before = '[';
      for (const json::value& element : value.get_array()) {
        out += std::exchange(before, ',');
        append_json(out, element);
      }
      if (before == '[') out += before;
      out += ']';
      return;
    }
    case json::kind::object: {
      char before = '{';
      for (const auto& [name, member] : value.get_object()) {
        out += std::exchange(before, ',');
        append_json_string(out, name);
        out += ':';
        append_json(out, member);
      }
      if (before == '{') out += before;
      out += '}';
      return;
    }
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
      text.remove_prefix(1);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      switch (c) {
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      }
      text.remove_prefix(1);
    } else if (const std::size_t length = utf8_character_length(text); length != 0) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char c) {
  separate();
  out_ += c;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char c) {
  out_ += c;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  append_integer(out_, number);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

}  // namespace latchkey::base
