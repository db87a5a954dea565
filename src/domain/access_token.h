// The access token: a JWT with GoTrue's claims, made and verified here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/key_ring.h"
#include "domain/session.h"
#include "domain/user.h"

namespace latchkey::domain {

// Where tokens are valid: one environment issues them, and refuses all others'.
struct TokenScope {
  std::string issuer;
  std::string audience = "authenticated";
  std::string environment;       // "live", "test"; tokens of the live one carry no env claim
  base::Seconds clock_skew{30};  // allowed on nbf and iat; never on exp
  // Issuers of this server's other environments: their tokens are refused like any other, with a better
  // answer.
  std::vector<std::string> sibling_issuers = {};
};

// Metadata larger than this (each of the two, compact) is left out of the access token, as {}: a token
// travels in a header, and proxies stop at 8 KiB. GET /user shows it.
inline constexpr std::size_t kMaxTokenMetadataBytes = 2048;

// The claims that Latchkey reads back from its own tokens.
struct AccessClaims {
  UserId user_id;
  SessionId session_id;
  std::string token_id;  // jti
  Role role;
  base::Timestamp issued_at;
  base::Timestamp expires_at;
};

struct SignedAccessToken {
  std::string text;
  base::Timestamp expires_at;
};

// jti of the token of one pair: the same for every token issued for this session, counter and time, so that a
// token tells whether it is of the current pair. Only the whole seconds of `issued_at` count, so that it
// follows from the claims. HMAC under `mac_key`, 16 bytes, base64url.
std::string make_token_id(const base::Secret& mac_key, SessionId session_id, std::uint32_t counter,
                          base::Timestamp issued_at);

// Signs with the ring's active key. Expires at the earlier of issued_at + lifetime and the session's end, in
// whole seconds.
SignedAccessToken make_access_token(const KeyRing& ring, const TokenScope& scope, const User& user,
                                    const Session& session, base::Timestamp issued_at,
                                    base::Seconds lifetime);

// Checks the form, then the key by kid (retired ones too), that alg is the key's own (RFC 8725 section 3.1),
// the signature, iss, aud, exp, nbf, iat, and the types of the claims. Whether the session lives is another
// question. Fails with token_expired only when everything else is right; wrong_environment when no key here
// made the signature but the payload names a sibling issuer (which is not verified, so it only words the
// refusal); bad_jwt otherwise. Costs one signature verification.
base::Result<AccessClaims> verify_access_token(const KeyRing& ring, const TokenScope& scope,
                                               std::string_view compact, base::Timestamp now);

}  // namespace latchkey::domain
