#include "crypto/jws.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "crypto/base64url.h"

namespace latchkey::crypto {
namespace {

namespace json = boost::json;
using base::ErrorCode;

constexpr std::size_t kMaxCompactSize = 16 * 1024;
constexpr std::size_t kMaxHeaderSize = 1024;
constexpr std::size_t kMaxHeaderDepth = 8;

// Parameters that name a key or demand an extension: the key comes from here, never from the token.
constexpr std::array<std::string_view, 5> kRefusedParameters = {"crit", "jku", "jwk", "x5u", "x5c"};

// Reads the header member by member, because a parsed json::value no longer shows that a name stood there
// twice (RFC 7515 section 4: names must be unique). Stops at the first thing that is not to be taken. A
// document that is not an object just has no members.
class HeaderReader {
 public:
  // Limits that Boost.JSON reads from here; the size of the header bounds them all.
  static constexpr std::size_t max_object_size = kMaxHeaderSize;
  static constexpr std::size_t max_array_size = kMaxHeaderSize;
  static constexpr std::size_t max_key_size = kMaxHeaderSize;
  static constexpr std::size_t max_string_size = kMaxHeaderSize;

  std::optional<std::string> alg, kid, typ;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return begin(ec) && (++depth_, true); }
  bool on_object_end(std::size_t, json::error_code&) { return --depth_, true; }
  bool on_array_begin(json::error_code& ec) { return on_object_begin(ec); }
  bool on_array_end(std::size_t, json::error_code&) { return --depth_, true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    return text_.append(part), true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    text_.append(part);
    std::string name = std::exchange(text_, {});
    if (depth_ > 1) return true;
    if (std::ranges::find(kRefusedParameters, name) != kRefusedParameters.end()) return refuse(ec);
    name_ = name;
    return names_.insert(std::move(name)).second || refuse(ec);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return text_.append(part), true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part);
    std::string value = std::exchange(text_, {});
    if (std::optional<std::string>* wanted = wanted_member()) *wanted = std::move(value);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code& ec) { return begin(ec); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return begin(ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return begin(ec); }
  bool on_bool(bool, json::error_code& ec) { return begin(ec); }
  bool on_null(json::error_code& ec) { return begin(ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  static bool refuse(json::error_code& ec) {
    ec = json::error::not_object;  // any will do: the caller asks only whether there was one
    return false;
  }
  // Where the value that comes now belongs, if it is one of the three that are read.
  std::optional<std::string>* wanted_member() {
    if (depth_ != 1) return nullptr;
    return name_ == "alg" ? &alg : name_ == "kid" ? &kid : name_ == "typ" ? &typ : nullptr;
  }
  // A value that is not a string starts: not taken for the three members that must be one.
  bool begin(json::error_code& ec) { return wanted_member() == nullptr || refuse(ec); }

  std::size_t depth_ = 0;
  std::string name_;  // of the top-level member being read
  std::string text_;  // pieces so far
  std::set<std::string> names_;
};

std::optional<HeaderReader> read_header(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxHeaderDepth;
  json::basic_parser<HeaderReader> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size()) return std::nullopt;
  return std::move(parser.handler());
}

bool is_jwt_type(std::string_view typ) {
  return std::ranges::equal(typ, std::string_view("jwt"), {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

}  // namespace

std::string jws_encode(const SigningKey& key, std::string_view kid, std::string_view payload_json) {
  std::string header;
  base::JsonWriter(header)
      .begin_object()
      .member("alg", to_string(key.algorithm()))
      .member("kid", kid)
      .member("typ", "JWT")
      .end_object();
  std::string compact = base64url_encode(header);
  compact += '.';
  compact += base64url_encode(payload_json);
  const std::string signature = base64url_encode(key.sign(compact));
  compact.reserve(compact.size() + 1 + signature.size());
  compact += '.';
  compact += signature;
  return compact;
}

base::Result<JwsParts> jws_parse(std::string_view compact) {
  if (compact.size() > kMaxCompactSize) return base::fail(ErrorCode::bad_jwt, "larger than 16 KiB");
  const std::size_t first = compact.find('.');
  const std::size_t second = first == compact.npos ? first : compact.find('.', first + 1);
  if (second == compact.npos || compact.find('.', second + 1) != compact.npos) {
    return base::fail(ErrorCode::bad_jwt, "not three parts");
  }
  const auto header_text = base64url_decode(compact.substr(0, first));
  auto payload = base64url_decode(compact.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(compact.substr(second + 1));
  if (!header_text || !payload || !signature) return base::fail(ErrorCode::bad_jwt, "not base64url");
  if (header_text->size() > kMaxHeaderSize) return base::fail(ErrorCode::bad_jwt, "header larger than 1 KiB");
  auto header = read_header(*header_text);
  if (!header)
    return base::fail(ErrorCode::bad_jwt, "header is not an object with parameters that are taken");
  if (!header->alg || !header->kid) return base::fail(ErrorCode::bad_jwt, "header without alg or kid");
  if (header->typ && !is_jwt_type(*header->typ)) return base::fail(ErrorCode::bad_jwt, "typ is not JWT");
  return JwsParts{.alg = std::move(*header->alg),
                  .kid = std::move(*header->kid),
                  .payload = std::move(*payload),
                  .signature = std::move(*signature),
                  .signing_input = compact.substr(0, second)};
}

}  // namespace latchkey::crypto
