#include "flutterflow/yaml.h"

#include <yaml.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace latchkey::flutterflow {
namespace {

namespace json = boost::json;

// Walks libyaml's events and builds the value.
class Reader {
 public:
  Reader(std::string_view text, const YamlLimits& limits) : limits_(limits) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  base::Result<json::value> run() {
    json::value root;
    bool has_root = false;
    while (next()) {
      const yaml_event_type_t type = event_.type;
      if (type == YAML_STREAM_END_EVENT || type == YAML_DOCUMENT_END_EVENT) {
        drop();
        break;
      }
      if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT) {
        drop();
        continue;
      }
      if (!node(root, 0)) break;
      has_root = true;
    }
    if (!problem_.empty()) return base::fail(base::ErrorCode::validation_failed, problem_);
    if (!has_root) return base::fail(base::ErrorCode::validation_failed, "The YAML is empty");
    return root;
  }

 private:
  bool fail(std::string_view why) {
    if (problem_.empty()) {
      problem_ =
          "The YAML is not right in line " + std::to_string(parser_.mark.line + 1) + ": " + std::string(why);
    }
    return false;
  }

  bool next() {
    if (yaml_parser_parse(&parser_, &event_) == 1) return true;
    return fail(parser_.problem == nullptr ? "it cannot be read" : parser_.problem);
  }
  void drop() { yaml_event_delete(&event_); }

  bool count(std::size_t depth, std::size_t nodes) {
    nodes_ += nodes;
    if (depth > limits_.depth) return fail("it is nested too deeply");
    if (nodes_ > limits_.nodes) return fail("it holds too much");
    return true;
  }

  static std::string text_of(const yaml_char_t* bytes) {
    return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes));
  }

  // The value that begins with the event at hand, which is used up.
  bool node(json::value& out, std::size_t depth) {
    const std::size_t before = nodes_;
    std::string anchor;
    switch (event_.type) {
      case YAML_SCALAR_EVENT: {
        anchor = text_of(event_.data.scalar.anchor);
        const std::string text(reinterpret_cast<const char*>(event_.data.scalar.value),
                               event_.data.scalar.length);
        const bool is_plain = event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        drop();
        if (!count(depth, 1)) return false;
        out = is_plain ? plain(text) : json::value(text);
        break;
      }
      case YAML_SEQUENCE_START_EVENT: {
        anchor = text_of(event_.data.sequence_start.anchor);
        drop();
        json::array items;
        if (!count(depth, 1)) return false;
        while (next() && event_.type != YAML_SEQUENCE_END_EVENT) {
          json::value item;
          if (!node(item, depth + 1)) return false;
          items.push_back(std::move(item));
        }
        if (!problem_.empty()) return false;
        drop();
        out = std::move(items);
        break;
      }
      case YAML_MAPPING_START_EVENT: {
        anchor = text_of(event_.data.mapping_start.anchor);
        drop();
        json::object members;
        if (!count(depth, 1)) return false;
        while (next() && event_.type != YAML_MAPPING_END_EVENT) {
          if (event_.type != YAML_SCALAR_EVENT) {
            drop();
            return fail("a key must be a text");
          }
          const std::string key(reinterpret_cast<const char*>(event_.data.scalar.value),
                                event_.data.scalar.length);
          drop();
          json::value item;
          if (!next() || !node(item, depth + 1)) return false;
          members[key] = std::move(item);
        }
        if (!problem_.empty()) return false;
        drop();
        out = std::move(members);
        break;
      }
      case YAML_ALIAS_EVENT: {
        const std::string name = text_of(event_.data.alias.anchor);
        drop();
        const auto known = anchors_.find(name);
        if (known == anchors_.end()) return fail("an alias names nothing");
        if (!count(depth + known->second.depth, known->second.nodes)) return false;
        out = known->second.value;
        return true;
      }
      default:
        drop();
        return fail("something stands where a value should");
    }
    if (!anchor.empty()) {
      anchors_[anchor] = {.value = out, .nodes = nodes_ - before, .depth = depth_of(out)};
    }
    return true;
  }

  static std::size_t depth_of(const json::value& value) {
    std::size_t deepest = 0;
    if (value.is_array()) {
      for (const json::value& item : value.get_array()) deepest = std::max(deepest, 1 + depth_of(item));
    } else if (value.is_object()) {
      for (const auto& member : value.get_object()) deepest = std::max(deepest, 1 + depth_of(member.value()));
    }
    return deepest;
  }

  static json::value plain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, whole); error == std::errc() && at == end)
      return whole;
    double number = 0;
    const bool looks_like_one = (text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '.';
    if (looks_like_one) {
      const auto [at, error] = std::from_chars(text.data(), end, number);
      if (error == std::errc() && at == end && std::isfinite(number)) return number;
    }
    return json::value(text);
  }

  struct Anchored {
    json::value value = nullptr;
    std::size_t nodes = 0;
    std::size_t depth = 0;
  };

  const YamlLimits& limits_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::size_t nodes_ = 0;
  std::map<std::string, Anchored> anchors_;
  std::string problem_;
};

}  // namespace

base::Result<json::value> read_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    return base::fail(base::ErrorCode::validation_failed,
                      "The YAML is larger than " + std::to_string(limits.bytes >> 20U) + " MB");
  }
  return Reader(text, limits).run();
}

}  // namespace latchkey::flutterflow
