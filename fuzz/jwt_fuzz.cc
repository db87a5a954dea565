// Any bytes as a compact JWS: parsed, and whatever is taken goes through verification by a key of each kind.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/base64url.h"
#include "crypto/jws.h"
#include "crypto/signing_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using latchkey::crypto::SigningAlgorithm;
  using latchkey::crypto::SigningKey;
  static const std::vector<SigningKey> keys = [] {
    latchkey::base::SystemRandom random;
    std::vector<SigningKey> made;
    for (const auto algorithm : {SigningAlgorithm::es256, SigningAlgorithm::eddsa, SigningAlgorithm::hs256}) {
      made.push_back(SigningKey::generate(algorithm, random));
    }
    return made;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parts = latchkey::crypto::jws_parse(text);
  if (!parts) return 0;
  // What is taken stands in the text as it was written: one value, one text.
  const std::string again =
      std::string(parts->signing_input) + "." + latchkey::crypto::base64url_encode(parts->signature);
  if (again != text) std::abort();
  // No input can have a signature by keys that were made a moment ago.
  for (const SigningKey& key : keys) {
    if (key.verify(parts->signing_input, parts->signature)) std::abort();
  }
  return 0;
}
