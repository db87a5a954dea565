#include "http/body.h"

#include <string.h>  // explicit_bzero

#include <algorithm>

#include "base/json_reader.h"

namespace latchkey::http {
namespace json = boost::json;

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trim(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_form_type(std::string_view content_type) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  return equal_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), kForm);
}

// "name=value&…" with a plain name: the look of a form, never of JSON.
bool looks_like_form(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos ||
      text.find_first_of(kBlanks) != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.' || c == '%' || c == '[' || c == ']';
  });
}

constexpr std::string_view kQuoteHint =
    "A value in the body holds a quotation mark that is not escaped, so the text ends too early. In "
    "FlutterFlow, "
    "switch on JSON escaping for the variable, or take the quotation mark out before the call.";
constexpr std::string_view kBackslashHint =
    "A value in the body holds a backslash that is not escaped. Write it twice; in FlutterFlow, switch on "
    "JSON "
    "escaping for the variable.";
constexpr std::string_view kControlHint =
    "A value in the body holds a line break or tab that is not escaped (\\n, \\t). In FlutterFlow, switch on "
    "JSON "
    "escaping for the variable, or use a text field with one line.";

// What in `text`, which is not JSON, points to a missing escape. Walks the texts: one that holds a control
// character or a backslash before something else than an escape, or one that is followed by neither a
// comma, colon nor bracket.
std::optional<std::string_view> find_escaping_hint(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"') continue;
    for (++i; i < text.size() && text[i] != '"'; ++i) {
      if (static_cast<unsigned char>(text[i]) < 0x20) return kControlHint;
      if (text[i] != '\\') continue;
      ++i;
      if (i < text.size() && std::string_view("\"\\/bfnrtu").find(text[i]) == std::string_view::npos) {
        return kBackslashHint;
      }
    }
    const std::size_t next = text.find_first_not_of(kBlanks, std::min(i + 1, text.size()));
    if (next != std::string_view::npos &&
        std::string_view(",:}]").find(text[next]) == std::string_view::npos) {
      return kQuoteHint;
    }
  }
  return std::nullopt;
}

}  // namespace

ParsedBody::~ParsedBody() {
  explicit_bzero(memory_.data(), memory_.size());
  if (!form_) return;
  for (auto& [name, value] : *form_) explicit_bzero(value.data(), value.size());
}

base::Result<void> ParsedBody::read(const Request& request) {
  const std::string_view text = trim(request.body);
  if (text.empty()) return {};
  std::optional<json::value> value = base::parse_json(text, &resource_);
  if (value && value->is_string()) {
    const std::string inner(value->get_string());
    if (auto object = base::parse_json(inner, &resource_); object && object->is_object())
      value = std::move(object);
  }
  if (!value) {
    const auto type = request.find_header("content-type");
    const bool untyped = !type || equal_ignoring_case(trim(*type).substr(0, 10), "text/plain");
    if ((type && is_form_type(*type)) || (untyped && looks_like_form(text))) {
      append_pairs(text, form_.emplace());
      return {};
    }
    base::Error error{.code = base::ErrorCode::bad_json, .detail = "not JSON"};
    if (const auto hint = find_escaping_hint(text)) error.hint = *hint;
    return base::fail(std::move(error));
  }
  if (!value->is_object()) {
    return base::fail(base::Error{.code = base::ErrorCode::validation_failed,
                                  .detail = "the body is JSON but not an object",
                                  .message = "The request body must be a JSON object"});
  }
  json_ = std::move(*value);
  return {};
}

WireInput ParsedBody::input() const {
  WireInput input;
  if (form_) {
    input.form = &*form_;
  } else {
    input.body = &json_.get_object();
  }
  return input;
}

std::optional<std::string_view> ParsedBody::find_text(std::string_view field) const {
  const detail::Incoming incoming = detail::find_incoming(input(), In::body, field);
  if (incoming.text != nullptr) return *incoming.text;
  if (incoming.json == nullptr || !incoming.json->is_string()) return std::nullopt;
  const json::string& text = incoming.json->get_string();
  return std::string_view(text.data(), text.size());
}

}  // namespace latchkey::http
