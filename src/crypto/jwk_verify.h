// Verifies signatures with public keys of others, as their JWKS publishes them (RFC 7517, RFC 7518, RFC
// 8037).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::crypto {

// The members of a public JWK that a verification needs; texts as in the document, empty when absent.
struct PublicJwk {
  std::string kty = {};
  std::string crv = {};
  std::string x = {}, y = {};  // EC, OKP
  std::string n = {}, e = {};  // RSA
};

// Whether `signature` (decoded; of ECDSA r and s after each other) is right. Nothing when the key and the
// algorithm do not go together or are not known: RS256/384/512, PS256/384/512, ES256/384, EdDSA with Ed25519
// are.
std::optional<bool> verify_with_jwk(const PublicJwk& jwk, std::string_view alg,
                                    std::string_view signing_input, std::string_view signature);

}  // namespace latchkey::crypto
