// JWS compact serialisation (RFC 7515), the strict subset that access tokens use.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/signing_key.h"

namespace latchkey::crypto {

// {"alg":…,"kid":…,"typ":"JWT"} . payload . signature
std::string jws_encode(const SigningKey& key, std::string_view kid, std::string_view payload_json);

// A compact JWS taken apart; nothing is verified yet. Views point into the text that was parsed.
struct JwsParts {
  std::string alg;
  std::string kid;
  std::string payload;    // decoded
  std::string signature;  // decoded
  std::string_view signing_input;
};

// Fails with bad_jwt unless the text is exactly three strict base64url parts of at most 16 KiB, the header is
// a JSON object of at most 1 KiB with string alg and kid, typ absent or "JWT" in any case, and neither crit,
// jku, jwk, x5u nor x5c is there (keys come from here, never from the token; RFC 8725 sections 3.1 and 3.10).
// alg is not judged here.
base::Result<JwsParts> jws_parse(std::string_view compact);

}  // namespace latchkey::crypto
