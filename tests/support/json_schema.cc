#include "support/json_schema.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace latchkey::e2e {
namespace json = boost::json;
namespace {

class Checker {
 public:
  explicit Checker(const json::value& document) : document_(document) {}

  void check(const json::value& value, const json::value& schema, const std::string& at) {
    for (const auto& [keyword, rule] : schema.as_object()) check_keyword(keyword, value, schema, rule, at);
  }
  std::vector<std::string> take() { return std::move(problems_); }

 private:
  bool fits(const json::value& value, const json::value& schema) const {
    return schema_problems(value, schema, document_).empty();
  }
  void demand(bool condition, const std::string& at, const std::string& what) {
    if (!condition) problems_.push_back(at + ": " + what);
  }

  static bool has_type(const json::value& value, std::string_view type) {
    switch (value.kind()) {
      case json::kind::null:
        return type == "null";
      case json::kind::bool_:
        return type == "boolean";
      case json::kind::int64:
      case json::kind::uint64:
        return type == "integer" || type == "number";
      case json::kind::double_:
        return type == "number";
      case json::kind::string:
        return type == "string";
      case json::kind::array:
        return type == "array";
      case json::kind::object:
        return type == "object";
    }
    return false;
  }

  static std::int64_t characters(const json::string& text) {
    return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  }

  void check_keyword(std::string_view keyword, const json::value& value, const json::value& schema,
                     const json::value& rule, const std::string& at) {
    static constexpr std::array<std::string_view, 7> kTold = {"description", "examples", "example", "format",
                                                              "writeOnly",   "title",    "summary"};
    if (std::ranges::find(kTold, keyword) != kTold.end()) return;
    if (keyword == "$ref") return check(value, document_.at_pointer(rule.as_string().subview(1)), at);
    if (keyword == "type") return check_type(value, rule, at);
    if (keyword == "const") return demand(value == rule, at, "is not " + json::serialize(rule));
    if (keyword == "enum") {
      return demand(std::ranges::find(rule.as_array(), value) != rule.as_array().end(), at,
                    "is none of the enum");
    }
    if (keyword == "not") return demand(!fits(value, rule), at, "is what it must not be");
    if (keyword == "anyOf") {
      return demand(
          std::ranges::any_of(rule.as_array(), [&](const auto& option) { return fits(value, option); }), at,
          "fits none of anyOf");
    }
    if (keyword == "allOf") {
      for (const json::value& each : rule.as_array()) check(value, each, at);
      return;
    }
    if (check_text(keyword, value, rule, at) || check_number(keyword, value, rule, at) ||
        check_array(keyword, value, rule, at) || check_object(keyword, value, schema, rule, at)) {
      return;
    }
    problems_.push_back(at + ": the schema uses the unknown keyword " + std::string(keyword));
  }

  void check_type(const json::value& value, const json::value& rule, const std::string& at) {
    if (rule.is_string())
      return demand(has_type(value, rule.as_string()), at, "is not a " + std::string(rule.as_string()));
    demand(std::ranges::any_of(rule.as_array(),
                               [&](const auto& type) { return has_type(value, type.as_string()); }),
           at, "has none of the types");
  }

  bool check_text(std::string_view keyword, const json::value& value, const json::value& rule,
                  const std::string& at) {
    if (keyword != "minLength" && keyword != "maxLength" && keyword != "pattern") return false;
    if (!value.is_string()) return true;
    const json::string& text = value.as_string();
    if (keyword == "minLength") demand(characters(text) >= rule.as_int64(), at, "is too short");
    if (keyword == "maxLength") demand(characters(text) <= rule.as_int64(), at, "is too long");
    if (keyword == "pattern") {
      const bool known = rule.as_string() == "^[^\\u0000]*$";
      demand(known && text.find('\0') == json::string::npos, at, "does not match the pattern");
    }
    return true;
  }

  bool check_number(std::string_view keyword, const json::value& value, const json::value& rule,
                    const std::string& at) {
    if (keyword != "minimum" && keyword != "maximum") return false;
    if (!value.is_int64()) return true;
    if (keyword == "minimum") demand(value.as_int64() >= rule.as_int64(), at, "is too small");
    if (keyword == "maximum") demand(value.as_int64() <= rule.as_int64(), at, "is too large");
    return true;
  }

  bool check_array(std::string_view keyword, const json::value& value, const json::value& rule,
                   const std::string& at) {
    if (keyword != "items" && keyword != "minItems" && keyword != "maxItems") return false;
    if (!value.is_array()) return true;
    const json::array& items = value.as_array();
    const auto size = static_cast<std::int64_t>(items.size());
    if (keyword == "minItems") demand(size >= rule.as_int64(), at, "has too few items");
    if (keyword == "maxItems") demand(size <= rule.as_int64(), at, "has too many items");
    if (keyword == "items") {
      for (std::size_t i = 0; i < items.size(); ++i)
        check(items[i], rule, at + "[" + std::to_string(i) + "]");
    }
    return true;
  }

  bool check_object(std::string_view keyword, const json::value& value, const json::value& schema,
                    const json::value& rule, const std::string& at) {
    if (keyword != "properties" && keyword != "required" && keyword != "additionalProperties") return false;
    if (!value.is_object()) return true;
    const json::object& object = value.as_object();
    if (keyword == "required") {
      for (const json::value& name : rule.as_array()) {
        demand(object.contains(name.as_string()), at, "lacks " + std::string(name.as_string()));
      }
      return true;
    }
    if (keyword == "properties") {
      for (const auto& [name, of_property] : rule.as_object()) {
        if (const json::value* member = object.if_contains(name))
          check(*member, of_property, at + "." + std::string(name));
      }
      return true;
    }
    const json::value* named = schema.as_object().if_contains("properties");
    for (const auto& [name, member] : object) {
      if (named != nullptr && named->as_object().contains(name)) continue;
      if (rule.is_bool()) {
        demand(rule.as_bool(), at, "has the unknown member " + std::string(name));
      } else {
        check(member, rule, at + "." + std::string(name));
      }
    }
    return true;
  }

  const json::value& document_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> schema_problems(const json::value& value, const json::value& schema,
                                         const json::value& document) {
  Checker checker(document);
  checker.check(value, schema, "body");
  return checker.take();
}

}  // namespace latchkey::e2e
