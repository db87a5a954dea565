// JSON as text: an object that was validated once and is passed on as it is, and a writer that appends.
#pragma once

#include <boost/json/fwd.hpp>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::base {

// A JSON object in compact text form, for metadata that the server keeps but does not understand.
class JsonObjectText {
 public:
  JsonObjectText() : text_("{}") {}
  // Parses untrusted text: must be one JSON object, at most `max_bytes` in compact form and 32 levels deep.
  // Fails with validation_failed (without a field name: the caller knows it).
  static Result<JsonObjectText> parse(std::string_view text, std::size_t max_bytes);
  // From text that this class or a JSON library produced.
  static JsonObjectText make_trusted(std::string compact) { return JsonObjectText(std::move(compact)); }

  const std::string& text() const { return text_; }
  bool operator==(const JsonObjectText&) const = default;

  // This object with the keys of `change` laid over it: a key in `change` replaces the same key, a null
  // removes it (as GoTrue does with user_metadata). Keys inside values are not merged.
  JsonObjectText merged_with(const JsonObjectText& change) const;

 private:
  explicit JsonObjectText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Appends `text` as a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD, so the output is always
// valid.
void append_json_string(std::string& out, std::string_view text);

// Appends a value in compact form. Numbers look as people and JavaScript write them, 1.5 or 1e300, and what
// was no integer keeps a point or an exponent (5.0 stays 5.0), so that readers with two kinds of numbers find
// the kind that was sent. Read again, each is the same number. Finite numbers only: parse_json makes no
// others.
void append_json(std::string& out, const boost::json::value& value);

// Builds one JSON document by appending; commas are its own business. Calls must nest properly.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  template <std::same_as<bool> B>
  JsonWriter& value(B flag) {
    return raw(flag ? "true" : "false");
  }
  JsonWriter& value(std::int64_t number);
  JsonWriter& null() { return raw("null"); }
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json);
  template <class T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

 private:
  JsonWriter& open(char c);
  JsonWriter& close(char c);
  void separate();
  std::string& out_;
  bool first_ = true;
};

}  // namespace latchkey::base
