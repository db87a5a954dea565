#include "http/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace latchkey::http {
namespace json = boost::json;

namespace detail {
namespace {

// The number of characters, or nothing if `text` is not valid UTF-8 (RFC 3629).
std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || i + length > text.size()) return std::nullopt;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return std::nullopt;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    if (overlong || outside) return std::nullopt;
    i += length;
  }
  return count;
}

std::optional<std::string_view> find_text(const Incoming& incoming) {
  if (incoming.text != nullptr) return *incoming.text;
  if (const json::string* text = incoming.json->if_string())
    return std::string_view(text->data(), text->size());
  return std::nullopt;
}

// The text of the value if it is one and fits; notes a problem if not.
std::optional<std::string_view> take_text(const Incoming& incoming, const Reading& reading) {
  const auto complain = [&](std::string_view message) {
    reading.problems.add(reading.name, message);
    return std::nullopt;
  };
  const auto text = find_text(incoming);
  if (!text) return complain("must be a text");
  const auto characters = count_characters(*text);
  const FieldOptions& options = reading.options;
  if (!characters) return complain("must be valid UTF-8");
  if (options.reject_null_text && (*text == "null" || *text == "undefined")) {
    return complain(fmt::format("is the text {}: the variable behind it is not set", *text));
  }
  if (*characters < options.min_length) {
    return complain(*characters == 0 ? "must not be empty"
                                     : fmt::format("must be at least {} characters", options.min_length));
  }
  if (*characters > options.max_length) {
    return complain(fmt::format("must be at most {} characters", options.max_length));
  }
  return text;
}

std::optional<std::int64_t> find_integer(const Incoming& incoming) {
  if (incoming.text != nullptr) {
    std::int64_t number = 0;
    const char* const end = incoming.text->data() + incoming.text->size();
    const auto [stop, error] = std::from_chars(incoming.text->data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
  }
  if (const std::int64_t* number = incoming.json->if_int64()) return *number;
  // 5.0 is an integer to JSON Schema.
  const double* number = incoming.json->if_double();
  if (number == nullptr || std::trunc(*number) != *number || std::abs(*number) > 9.0e15) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace

bool Incoming::is_null() const { return json != nullptr && json->is_null(); }
bool Incoming::is_empty_text() const {
  return (text != nullptr && text->empty()) ||
         (json != nullptr && json->is_string() && json->get_string().empty());
}

void Problems::add(std::string_view field, std::string_view message) {
  std::string path;
  for (const std::string& object : outer_) path.append(object).append(".");
  errors_.push_back({path.append(field), std::string(message)});
}
void Problems::enter(std::string_view object) { outer_.emplace_back(object); }
void Problems::leave() { outer_.pop_back(); }

base::Error Problems::take() {
  std::string detail;
  for (const base::FieldError& error : errors_) {
    detail.append(detail.empty() ? "" : "; ").append(error.field).append(" ").append(error.message);
  }
  return {
      .code = base::ErrorCode::validation_failed, .detail = std::move(detail), .fields = std::move(errors_)};
}

Incoming find_incoming(const WireInput& input, In in, std::string_view name) {
  if (in == In::body && input.body != nullptr)
    return {.json = input.body->if_contains({name.data(), name.size()})};
  const Pairs* const pairs = in == In::body ? input.form : in == In::query ? input.query : input.path;
  if (pairs == nullptr) return {};
  // The last counts, as in a JSON object.
  const auto found =
      std::find_if(pairs->rbegin(), pairs->rend(), [&](const auto& pair) { return pair.first == name; });
  if (found == pairs->rend()) return {};
  return {.text = &found->second};
}

bool require(const Incoming& incoming, const Reading& reading) {
  if (incoming.is_absent()) {
    reading.problems.add(reading.name, "is required");
  } else if (incoming.is_null()) {
    reading.problems.add(reading.name, "must not be null");
  } else {
    return true;
  }
  return false;
}

void read(const Incoming& incoming, const Reading& reading, std::string& out) {
  const auto text = take_text(incoming, reading);
  if (!text) return;
  if (text->find('\0') != std::string_view::npos) {
    reading.problems.add(reading.name, "must not hold a NUL character");
    return;
  }
  out = *text;
}

void read(const Incoming& incoming, const Reading& reading, base::Secret& out) {
  if (const auto text = take_text(incoming, reading)) out = base::Secret(*text);
}

void read(const Incoming& incoming, const Reading& reading, bool& out) {
  if (incoming.json != nullptr && incoming.json->is_bool()) {
    out = incoming.json->get_bool();
  } else if (incoming.text != nullptr && (*incoming.text == "true" || *incoming.text == "1")) {
    out = true;
  } else if (incoming.text != nullptr && (*incoming.text == "false" || *incoming.text == "0")) {
    out = false;
  } else {
    reading.problems.add(reading.name, "must be true or false");
  }
}

void read(const Incoming& incoming, const Reading& reading, std::int64_t& out) {
  const FieldOptions& options = reading.options;
  const auto number = find_integer(incoming);
  if (!number) {
    reading.problems.add(reading.name, "must be a whole number");
  } else if (*number < options.minimum) {
    reading.problems.add(reading.name, fmt::format("must be at least {}", options.minimum));
  } else if (*number > options.maximum) {
    reading.problems.add(reading.name, fmt::format("must be at most {}", options.maximum));
  } else {
    out = *number;
  }
}

void read(const Incoming& incoming, const Reading& reading, base::JsonObjectText& out) {
  const std::size_t most = reading.options.max_length;
  if (incoming.text != nullptr) {
    auto object = base::JsonObjectText::parse(*incoming.text, most);
    if (object) {
      out = std::move(*object);
    } else {
      reading.problems.add(reading.name, fmt::format("must be a JSON object of at most {} bytes", most));
    }
  } else if (!incoming.json->is_object()) {
    reading.problems.add(reading.name, "must be a JSON object");
  } else {
    std::string compact;
    base::append_json(compact, *incoming.json);
    if (compact.size() > most) {
      reading.problems.add(reading.name, fmt::format("must be at most {} bytes", most));
    } else {
      out = base::JsonObjectText::make_trusted(std::move(compact));
    }
  }
}

std::optional<std::size_t> read_name(const Incoming& incoming, const Reading& reading,
                                     std::span<const std::string_view> names) {
  const auto text = find_text(incoming);
  const auto found = text ? std::find(names.begin(), names.end(), *text) : names.end();
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  reading.problems.add(reading.name, fmt::format("must be one of: {}", fmt::join(names, ", ")));
  return std::nullopt;
}

const json::object* read_object(const Incoming& incoming, const Reading& reading) {
  const json::object* const object = incoming.json != nullptr ? incoming.json->if_object() : nullptr;
  if (object == nullptr) reading.problems.add(reading.name, "must be a JSON object");
  return object;
}

std::optional<std::size_t> read_list_size(const Incoming& incoming, const Reading& reading) {
  const json::array* const list = incoming.json != nullptr ? incoming.json->if_array() : nullptr;
  const FieldOptions& options = reading.options;
  if (list == nullptr) {
    reading.problems.add(reading.name, "must be a list");
  } else if (list->size() < options.min_length) {
    reading.problems.add(reading.name, fmt::format("must have at least {} elements", options.min_length));
  } else if (list->size() > options.max_length) {
    reading.problems.add(reading.name, fmt::format("must have at most {} elements", options.max_length));
  } else {
    return list->size();
  }
  return std::nullopt;
}

Incoming list_element(const Incoming& list, std::size_t index) {
  return {.json = &list.json->get_array()[index]};
}

}  // namespace detail

namespace {

bool is_json_text(TypeKind kind) { return kind == TypeKind::text || kind == TypeKind::enumeration; }

void write_example(base::JsonWriter& writer, const FieldInfo& field) {
  if (is_json_text(field.type.kind)) {
    writer.value(field.options.example);
  } else {
    writer.raw(field.options.example);
  }
}

// "type", or with null beside it.
void write_type(base::JsonWriter& writer, std::string_view name, bool nullable) {
  writer.key("type");
  if (nullable) {
    writer.begin_array().value(name).value("null").end_array();
  } else {
    writer.value(name);
  }
}

void write_type_members(base::JsonWriter& writer, const TypeInfo& type, const FieldOptions* options,
                        SchemaUse use, bool nullable);

void write_field(base::JsonWriter& writer, const FieldInfo& field, SchemaUse use) {
  const bool in_request = use == SchemaUse::request;
  const bool nullable = field.optional && field.options.in == In::body &&
                        (in_request || field.options.when_empty == WhenEmpty::write_null);
  writer.begin_object();
  write_type_members(writer, field.type, &field.options, use, nullable);
  if (!field.options.doc.empty()) writer.member("description", field.options.doc);
  if (!field.options.example.empty()) {
    writer.key("examples").begin_array();
    write_example(writer, field);
    writer.end_array();
  }
  writer.end_object();
}

void write_text_members(base::JsonWriter& writer, const TypeInfo& type, const FieldOptions& options,
                        SchemaUse use, bool nullable) {
  if (use == SchemaUse::request) {
    // An empty text that counts as absent is let through whatever the least length is.
    const std::size_t least = options.empty_is_absent ? 0 : options.min_length;
    if (least > 0) writer.member("minLength", static_cast<std::int64_t>(least));
    writer.member("maxLength", static_cast<std::int64_t>(options.max_length));
    if (!type.confidential) writer.member("pattern", "^[^\\u0000]*$");
    if (options.reject_null_text) {
      writer.key("not").begin_object().key("enum").begin_array().value("null").value("undefined").end_array();
      writer.end_object();
    }
    if (type.confidential) writer.member("writeOnly", true);
  }
  if (!options.format.empty() && !(nullable && options.empty_is_absent))
    writer.member("format", options.format);
}

void write_bounds(base::JsonWriter& writer, std::string_view least_name, std::string_view most_name,
                  const FieldOptions& options) {
  if (options.min_length > 0) writer.member(least_name, static_cast<std::int64_t>(options.min_length));
  writer.member(most_name, static_cast<std::int64_t>(options.max_length));
}

void write_object_members(base::JsonWriter& writer, const TypeInfo& type, SchemaUse use) {
  const auto in_body = [](const FieldInfo& field) { return field.options.in == In::body; };
  writer.key("properties").begin_object();
  for (const FieldInfo& field : type.fields) {
    if (!in_body(field)) continue;
    writer.key(field.name);
    write_field(writer, field, use);
  }
  writer.end_object();
  writer.key("required").begin_array();
  for (const FieldInfo& field : type.fields) {
    const bool always =
        !field.optional || (use == SchemaUse::response && field.options.when_empty == WhenEmpty::write_null);
    if (in_body(field) && always) writer.value(field.name);
  }
  writer.end_array();
  if (use == SchemaUse::response) writer.member("additionalProperties", false);
}

void write_type_members(base::JsonWriter& writer, const TypeInfo& type, const FieldOptions* options,
                        SchemaUse use, bool nullable) {
  const bool in_request = use == SchemaUse::request;
  switch (type.kind) {
    case TypeKind::text:
      write_type(writer, "string", nullable);
      if (options != nullptr) write_text_members(writer, type, *options, use, nullable);
      break;
    case TypeKind::boolean:
      write_type(writer, "boolean", nullable);
      break;
    case TypeKind::integer:
      write_type(writer, "integer", nullable);
      writer.member("format", "int64");
      if (options != nullptr && in_request) {
        // Numbers beyond what a double holds exactly are taken in texts only.
        writer.member("minimum", std::max<std::int64_t>(options->minimum, -9'000'000'000'000'000));
        writer.member("maximum", std::min<std::int64_t>(options->maximum, 9'000'000'000'000'000));
      }
      break;
    case TypeKind::enumeration:
      write_type(writer, "string", nullable);
      writer.key("enum").begin_array();
      for (const std::string_view name : type.names) writer.value(name);
      if (nullable) writer.null();
      writer.end_array();
      break;
    case TypeKind::json_object:
      write_type(writer, "object", nullable);
      writer.member("additionalProperties", true);
      break;
    case TypeKind::object:
      write_type(writer, "object", nullable);
      write_object_members(writer, type, use);
      break;
    case TypeKind::list:
      write_type(writer, "array", nullable);
      writer.key("items").begin_object();
      write_type_members(writer, type.element.front(), nullptr, use, false);
      writer.end_object();
      if (options != nullptr && in_request) write_bounds(writer, "minItems", "maxItems", *options);
      break;
  }
}

}  // namespace

std::string json_schema(const TypeInfo& type, SchemaUse use) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  write_type_members(writer, type, nullptr, use, false);
  writer.end_object();
  return out;
}

std::string json_schema(const FieldInfo& field, SchemaUse use) {
  std::string out;
  base::JsonWriter writer(out);
  write_field(writer, field, use);
  return out;
}

std::string example_json(const TypeInfo& type) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object();
  for (const FieldInfo& field : type.fields) {
    if (field.options.in != In::body) continue;
    if (!field.options.example.empty()) {
      writer.key(field.name);
      write_example(writer, field);
    } else if (field.type.kind == TypeKind::object) {
      writer.key(field.name).raw(example_json(field.type));
    }
  }
  writer.end_object();
  return out;
}

}  // namespace latchkey::http
