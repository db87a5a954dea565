#include "domain/access_token.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/json_reader.h"
#include "base/json_text.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/jws.h"

namespace latchkey::domain {
namespace {

using base::ErrorCode;

constexpr std::string_view kLive = "live";
constexpr std::size_t kTokenIdBytes = 16;
constexpr std::size_t kMaxDepth = 40;  // metadata may be 32 deep
constexpr std::size_t kMaxPayloadBytes = 16 * 1024;
constexpr std::int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z

// The claims that are read, as they stand in the payload.
struct Payload {
  std::optional<std::string> iss, sub, aud, jti, session_id, role, env;
  std::optional<std::int64_t> exp, iat, nbf;

  std::optional<std::string>* find_text(std::string_view name) {
    if (name == "iss") return &iss;
    if (name == "sub") return &sub;
    if (name == "aud") return &aud;
    if (name == "jti") return &jti;
    if (name == "session_id") return &session_id;
    if (name == "role") return &role;
    if (name == "env") return &env;
    return nullptr;
  }
  std::optional<std::int64_t>* find_time(std::string_view name) {
    if (name == "exp") return &exp;
    if (name == "iat") return &iat;
    if (name == "nbf") return &nbf;
    return nullptr;
  }
};

// Stops at the first claim that is not of its type. Names must be unique (RFC 7519 section 4).
std::optional<Payload> read_payload(std::string_view text) {
  if (text.size() > kMaxPayloadBytes) return std::nullopt;
  Payload payload;
  const auto take = [&](std::string_view name, base::JsonMember value) {
    if (auto* const wanted = payload.find_text(name)) {
      auto* const given = std::get_if<std::string>(&value);
      if (given == nullptr) return false;
      *wanted = std::move(*given);
    } else if (auto* const wanted_time = payload.find_time(name)) {
      const auto* const given = std::get_if<std::int64_t>(&value);
      if (given == nullptr || *given < 0 || *given > kMaxSeconds) return false;
      *wanted_time = *given;
    }
    return true;
  };
  if (!base::read_json_members(text, kMaxDepth, take)) return std::nullopt;
  return payload;
}

const std::string& token_metadata(const base::JsonObjectText& metadata, const base::JsonObjectText& none) {
  return metadata.text().size() <= kMaxTokenMetadataBytes ? metadata.text() : none.text();
}

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

// A refusal of a token that no key here has signed.
std::unexpected<base::Error> refuse_foreign(const TokenScope& scope, std::string_view payload_text,
                                            const char* detail) {
  if (const auto payload = read_payload(payload_text);
      payload && payload->iss &&
      std::ranges::find(scope.sibling_issuers, *payload->iss) != scope.sibling_issuers.end()) {
    return base::fail(ErrorCode::wrong_environment, "issued by " + *payload->iss);
  }
  return base::fail(ErrorCode::bad_jwt, detail);
}

}  // namespace

std::string make_token_id(const base::Secret& mac_key, SessionId session_id, std::uint32_t counter,
                          base::Timestamp issued_at) {
  std::string input = "jti";
  input += session_id.uuid().as_string_view();
  append_big_endian(input, counter, 4);
  append_big_endian(input, static_cast<std::uint64_t>(base::to_unix_seconds(issued_at)), 8);
  const crypto::Sha256 mac = crypto::hmac_sha256(mac_key.confidential_bytes(), input);
  return crypto::base64url_encode(std::span(mac).first<kTokenIdBytes>());
}

SignedAccessToken make_access_token(const KeyRing& ring, const TokenScope& scope, const User& user,
                                    const Session& session, base::Timestamp issued_at,
                                    base::Seconds lifetime) {
  const std::int64_t expires = base::to_unix_seconds(std::min(issued_at + lifetime, session.expires_at));
  const base::JsonObjectText none;
  const std::string& app_metadata = token_metadata(user.app_metadata, none);
  const std::string& user_metadata = token_metadata(user.user_metadata, none);

  std::string payload;
  payload.reserve(768 + app_metadata.size() + user_metadata.size());
  base::JsonWriter json(payload);
  json.begin_object()
      .member("iss", scope.issuer)
      .member("sub", user.id.to_string())
      .member("aud", scope.audience)
      .member("exp", expires)
      .member("iat", base::to_unix_seconds(issued_at))
      .member("jti", make_token_id(ring.refresh_mac_key(), session.id, session.refresh_counter, issued_at))
      .member("session_id", session.id.to_string())
      .member("role", user.role.text())
      .member("email", user.email ? user.email->text() : std::string())
      .member("phone", user.phone ? user.phone->text() : std::string());
  if (user.username) json.member("username", user.username->shown());
  json.member("aal", "aal1").key("amr").begin_array().begin_object();
  json.member("method", session.method)
      .member("timestamp", base::to_unix_seconds(session.created_at))
      .end_object()
      .end_array();
  json.key("app_metadata").raw(app_metadata).key("user_metadata").raw(user_metadata);
  json.member("is_anonymous", false);
  if (scope.environment != kLive) json.member("env", scope.environment);
  json.end_object();

  const RingKey& key = ring.active();
  return {crypto::jws_encode(key.key, key.kid, payload), base::from_unix_seconds(expires)};
}

base::Result<AccessClaims> verify_access_token(const KeyRing& ring, const TokenScope& scope,
                                               std::string_view compact, base::Timestamp now) {
  const auto refuse = [](const char* detail) { return base::fail(ErrorCode::bad_jwt, detail); };
  const auto jws = crypto::jws_parse(compact);
  if (!jws) return base::fail(jws.error());
  const RingKey* key = ring.find(jws->kid);
  if (key == nullptr) return refuse_foreign(scope, jws->payload, "unknown kid");
  if (jws->alg != crypto::to_string(key->key.algorithm())) return refuse("alg is not the key's");
  if (!key->key.verify(jws->signing_input, jws->signature)) {
    return refuse_foreign(scope, jws->payload, "wrong signature");
  }

  const auto payload = read_payload(jws->payload);
  if (!payload) return refuse("payload is not an object with claims of their types");
  if (payload->iss != scope.issuer) return refuse("wrong iss");
  if (payload->aud != scope.audience) return refuse("wrong aud");
  if (payload->env.value_or(std::string(kLive)) != scope.environment) return refuse("wrong env");
  if (!payload->sub || !payload->session_id || !payload->jti || !payload->role)
    return refuse("a claim is missing");
  if (!payload->exp || !payload->iat) return refuse("a time is missing");
  const auto user_id = UserId::parse(*payload->sub);
  const auto session_id = SessionId::parse(*payload->session_id);
  if (!user_id || !session_id) return refuse("sub or session_id is not an id");
  auto role = Role::parse(*payload->role);
  if (!role) return refuse("role is none");

  const base::Timestamp issued_at = base::from_unix_seconds(*payload->iat);
  const base::Timestamp expires_at = base::from_unix_seconds(*payload->exp);
  if (issued_at > now + scope.clock_skew) return refuse("iat is in the future");
  if (payload->nbf && base::from_unix_seconds(*payload->nbf) > now + scope.clock_skew) {
    return refuse("nbf is in the future");
  }
  if (now >= expires_at) return base::fail(ErrorCode::token_expired);
  return AccessClaims{.user_id = *user_id,
                      .session_id = *session_id,
                      .token_id = *payload->jti,
                      .role = std::move(*role),
                      .issued_at = issued_at,
                      .expires_at = expires_at};
}

}  // namespace latchkey::domain
