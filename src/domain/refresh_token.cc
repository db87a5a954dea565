#include "domain/refresh_token.h"

#include <cstddef>

#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace latchkey::domain {
namespace {

constexpr std::string_view kPrefix = "lk_rt_";
constexpr char kVersion = 1;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kBodySize = 1 + kIdSize + 4;  // version, session id, counter (big-endian)
constexpr std::size_t kMacSize = sizeof(crypto::Sha256);

std::string encode_body(const RefreshTokenClaims& claims) {
  std::string body(1, kVersion);
  body += claims.session_id.uuid().as_string_view();
  for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(claims.counter >> shift);
  return body;
}

// What is authenticated starts with the prefix, so that no other use of the same key makes the same MAC.
std::string compute_mac(const base::Secret& key, std::string_view body) {
  std::string input(kPrefix);
  input += body;
  const crypto::Sha256 mac = crypto::hmac_sha256(key.confidential_bytes(), input);
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

}  // namespace

RefreshTokenCodec::RefreshTokenCodec(base::Secret mac_key) : mac_key_(std::move(mac_key)) {}

std::string RefreshTokenCodec::make(const RefreshTokenClaims& claims) const {
  std::string bytes = encode_body(claims);
  bytes += compute_mac(mac_key_, bytes);
  return std::string(kPrefix) + crypto::base64url_encode(bytes);
}

base::Result<RefreshTokenClaims> RefreshTokenCodec::parse(std::string_view untrusted) const {
  const auto refuse = [](const char* detail) {
    return base::fail(base::ErrorCode::refresh_token_not_found, detail);
  };
  constexpr std::size_t kTextSize = kPrefix.size() + ((kBodySize + kMacSize) * 4 + 2) / 3;
  if (untrusted.size() != kTextSize || !untrusted.starts_with(kPrefix)) return refuse("not a refresh token");
  const auto bytes = crypto::base64url_decode(untrusted.substr(kPrefix.size()));
  if (!bytes || bytes->size() != kBodySize + kMacSize) return refuse("not base64url");
  const std::string_view body = std::string_view(*bytes).substr(0, kBodySize);
  if (!crypto::constant_time_equal(compute_mac(mac_key_, body), std::string_view(*bytes).substr(kBodySize))) {
    return refuse("wrong MAC");
  }
  if (body[0] != kVersion) return refuse("unknown version");
  const auto id = base::Uuid::parse_bytes(body.substr(1, kIdSize));
  if (!id) return refuse("no session id");
  std::uint32_t counter = 0;
  for (const char c : body.substr(1 + kIdSize)) counter = counter << 8 | static_cast<unsigned char>(c);
  return RefreshTokenClaims{.session_id = SessionId(*id), .counter = counter};
}

}  // namespace latchkey::domain
