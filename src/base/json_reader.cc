#include "base/json_reader.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

namespace latchkey::base {
namespace json = boost::json;

namespace {

constexpr std::size_t kMaxValueDepth = 32;
constexpr std::size_t kMaxMembers = 64;

// What every handler of Boost.JSON must have and neither of the two here cares about.
class Handler {
 public:
  // The caller has bounded the size of the whole.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 protected:
  static bool refuse(json::error_code& ec) {
    ec = json::error::not_number;  // any will do: the caller asks only whether there was one
    return false;
  }
};

// Builds a value.
class ValueHandler : public Handler {
 public:
  explicit ValueHandler(json::storage_ptr storage)
      : stack_({}, scratch_.bytes.data(), scratch_.bytes.size()) {
    stack_.reset(std::move(storage));
  }

  json::value release() { return stack_.release(); }

  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t size, json::error_code&) { return stack_.push_object(size), true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t size, json::error_code&) { return stack_.push_array(size), true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) { return stack_.push_key(part), true; }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    return stack_.push_string(part), true;
  }
  bool on_number_part(json::string_view part, json::error_code&) { return number_.append(part), true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
    number_.clear();
    return stack_.push_int64(number), true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
    number_.clear();
    return stack_.push_uint64(number), true;
  }
  bool on_double(double estimate, json::string_view part, json::error_code& ec) {
    number_.append(part);
    double exact = estimate;
    const auto [end, error] = std::from_chars(number_.data(), number_.data() + number_.size(), exact);
    const bool is_too_large = error == std::errc::result_out_of_range && std::abs(estimate) > 1;
    if (is_too_large || std::isinf(exact)) return refuse(ec);
    number_.clear();
    return stack_.push_double(exact), true;
  }
  bool on_bool(bool flag, json::error_code&) { return stack_.push_bool(flag), true; }
  bool on_null(json::error_code&) { return stack_.push_null(), true; }

 private:
  struct Scratch {
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { explicit_bzero(bytes.data(), bytes.size()); }
    std::array<unsigned char, 4096> bytes;
  };
  Scratch scratch_;  // what is read and not yet part of the value; wiped after the stack that uses it is gone
  json::value_stack stack_;
  std::string number_;  // the text of the number being read
};

// Hands on the members at the top.
class MembersHandler : public Handler {
 public:
  explicit MembersHandler(FunctionRef<bool(std::string_view, JsonMember)> take) : take_(take) {}

  bool on_object_begin(json::error_code& ec) {
    if (depth_ == 0) is_object_ = true;
    return on_other(ec) && (++depth_, true);
  }
  bool on_object_end(std::size_t, json::error_code&) { return --depth_, true; }
  bool on_array_begin(json::error_code& ec) { return on_other(ec) && (++depth_, true); }
  bool on_array_end(std::size_t, json::error_code&) { return --depth_, true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    keep(part);
    if (depth_ != 1) return true;
    if (names_.size() == kMaxMembers || std::ranges::find(names_, text_) != names_.end()) return refuse(ec);
    names_.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    keep(part);
    return depth_ == 1 ? hand_on(std::exchange(text_, {}), ec) : on_other(ec);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    return depth_ == 1 ? hand_on(number, ec) : on_other(ec);
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return on_other(ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return on_other(ec); }
  bool on_bool(bool, json::error_code& ec) { return on_other(ec); }
  bool on_null(json::error_code& ec) { return on_other(ec); }

 private:
  bool keep(json::string_view part) {
    if (depth_ == 1) text_.append(part);
    return true;
  }
  bool hand_on(JsonMember value, json::error_code& ec) {
    return take_(names_.back(), std::move(value)) || refuse(ec);
  }
  // A value that is neither text nor number at the top, or lies deeper. The document itself comes here too.
  bool on_other(json::error_code& ec) {
    if (depth_ == 1) return hand_on(std::monostate(), ec);
    return is_object_ || refuse(ec);
  }

  FunctionRef<bool(std::string_view, JsonMember)> take_;
  bool is_object_ = false;
  std::size_t depth_ = 0;
  std::string text_;                // pieces so far, of the top
  std::vector<std::string> names_;  // at the top; the last is being read
};

template <class Parser>
bool parse_all(Parser& parser, std::string_view text) {
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  return !ec && used == text.size();
}

json::parse_options depth_of(std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  return options;
}

}  // namespace

std::optional<json::value> parse_json(std::string_view text, json::storage_ptr storage) {
  json::basic_parser<ValueHandler> parser(depth_of(kMaxValueDepth), std::move(storage));
  if (!parse_all(parser, text)) return std::nullopt;
  return parser.handler().release();
}

bool read_json_members(std::string_view text, std::size_t max_depth,
                       FunctionRef<bool(std::string_view name, JsonMember value)> take) {
  json::basic_parser<MembersHandler> parser(depth_of(max_depth), take);
  return parse_all(parser, text);
}

}  // namespace latchkey::base
