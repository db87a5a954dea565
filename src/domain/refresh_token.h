// The refresh token: "lk_rt_" + base64url(version || session id || counter || MAC).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "domain/ids.h"

namespace latchkey::domain {

struct RefreshTokenClaims {
  SessionId session_id;
  std::uint32_t counter;
};

// Makes and reads refresh tokens. The MAC (HMAC-SHA-256, whole) is checked before anything else is looked at,
// so a guessed or damaged token costs no database access. Immutable, thread-safe.
class RefreshTokenCodec {
 public:
  // 32 bytes.
  explicit RefreshTokenCodec(base::Secret mac_key);
  std::string make(const RefreshTokenClaims& claims) const;
  // Fails with refresh_token_not_found for everything that make() did not make, to the byte.
  base::Result<RefreshTokenClaims> parse(std::string_view untrusted) const;

 private:
  base::Secret mac_key_;
};

}  // namespace latchkey::domain
