// Any bytes as an access token, or (by the first byte) as the payload of one with a good signature: what is
// accepted must say the same to a second reader.
#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/jws.h"
#include "domain/access_token.h"

namespace {

using namespace latchkey;

const base::Timestamp kNow = base::from_unix_seconds(1'700'000'000);

// The same keys in every run, so that a token in the corpus stays a good one.
class CountingRandom final : public base::Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = static_cast<std::byte>(++count_);
  }

 private:
  unsigned count_ = 0;
};

std::shared_ptr<const domain::KeyRing> make_ring() {
  CountingRandom random;
  const auto box = crypto::SecretBox::make({base::Secret(std::string(32, 'm'))});
  const auto keys = domain::plan_first_keys({}, crypto::SigningAlgorithm::hs256, kNow, random, *box);
  return *domain::KeyRing::make(keys.upserts, *box);
}

void check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const domain::KeyRing> ring = make_ring();
  static const domain::TokenScope scope{.issuer = "https://auth.example",
                                        .audience = "authenticated",
                                        .environment = "live",
                                        .clock_skew = base::Seconds(30),
                                        .sibling_issuers = {"https://auth.example/test"}};
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_payload = data[0] % 2 == 1;
  const std::string token =
      is_payload ? crypto::jws_encode(ring->active().key, ring->active().kid, rest) : std::string(rest);

  const auto claims = domain::verify_access_token(*ring, scope, token, kNow);
  if (!claims) {
    using enum base::ErrorCode;
    const auto code = claims.error().code;
    check(code == bad_jwt || code == token_expired || (code == wrong_environment && !is_payload));
    return 0;
  }
  const auto parsed = boost::json::parse(crypto::jws_parse(token)->payload).as_object();
  check(parsed.at("iss").as_string() == scope.issuer);
  check(parsed.at("aud").as_string() == scope.audience);
  check(domain::UserId::parse(parsed.at("sub").as_string()) == claims->user_id);
  check(domain::SessionId::parse(parsed.at("session_id").as_string()) == claims->session_id);
  check(parsed.at("jti").as_string() == claims->token_id);
  check(parsed.at("role").as_string() == claims->role.text());
  check(parsed.at("exp").as_int64() == base::to_unix_seconds(claims->expires_at));
  check(parsed.at("iat").as_int64() == base::to_unix_seconds(claims->issued_at));
  check(claims->expires_at > kNow);
  return 0;
}
