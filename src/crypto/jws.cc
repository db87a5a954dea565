#include "crypto/jws.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/json_reader.h"
#include "base/json_text.h"
#include "crypto/base64url.h"

namespace latchkey::crypto {
namespace {

using base::ErrorCode;

constexpr std::size_t kMaxCompactSize = 16 * 1024;
constexpr std::size_t kMaxHeaderSize = 1024;
constexpr std::size_t kMaxHeaderDepth = 8;

// Parameters that name a key or demand an extension: the key comes from here, never from the token.
constexpr std::array<std::string_view, 5> kRefusedParameters = {"crit", "jku", "jwk", "x5u", "x5c"};

struct Header {
  std::optional<std::string> alg, kid, typ;
};

// Stops at the first thing that is not to be taken. Names must be unique (RFC 7515 section 4).
std::optional<Header> read_header(std::string_view text) {
  Header header;
  const auto take = [&](std::string_view name, base::JsonMember value) {
    if (std::ranges::find(kRefusedParameters, name) != kRefusedParameters.end()) return false;
    std::optional<std::string>* const wanted = name == "alg"   ? &header.alg
                                               : name == "kid" ? &header.kid
                                               : name == "typ" ? &header.typ
                                                               : nullptr;
    if (wanted == nullptr) return true;
    auto* const given = std::get_if<std::string>(&value);
    if (given == nullptr) return false;
    *wanted = std::move(*given);
    return true;
  };
  if (!base::read_json_members(text, kMaxHeaderDepth, take)) return std::nullopt;
  return header;
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
