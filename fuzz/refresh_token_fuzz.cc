// Any bytes as a refresh token: only what the codec made is read, to the byte. The first byte says whether
// the rest is a token, or the claims of one, which must come back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "domain/refresh_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace latchkey;
  static const domain::RefreshTokenCodec codec(base::Secret(std::string(32, 'k')));
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    if (text.size() < 22) return 0;
    domain::RefreshTokenClaims claims{
        .session_id = domain::SessionId(*base::Uuid::parse_bytes(text.substr(0, 16))), .counter = 0};
    std::memcpy(&claims.counter, text.data() + 16, sizeof(claims.counter));
    const std::string made = codec.make(claims);
    const auto read = codec.parse(made);
    if (!read || read->session_id != claims.session_id || read->counter != claims.counter) std::abort();
    // The same with one byte changed.
    const auto at = static_cast<unsigned char>(text[20]) % made.size();
    text = made;
    text[at] = static_cast<char>(data[22]);
    if (text == made) return 0;
    if (codec.parse(text)) std::abort();
    return 0;
  }
  const auto claims = codec.parse(text);
  if (claims && codec.make(*claims) != text) std::abort();
  if (!claims && claims.error().code != base::ErrorCode::refresh_token_not_found) std::abort();
  return 0;
}
