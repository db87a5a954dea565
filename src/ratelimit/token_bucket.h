// The rule of one rate limit: a bucket of tokens that refills evenly. Pure; time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace latchkey::ratelimit {

using SteadyTime = std::chrono::steady_clock::time_point;

// `capacity` requests at once, refilled evenly within `period`: "30/1m" is 30 at once, then one every 2
// seconds. Both at least 1.
struct BucketPolicy {
  std::uint32_t capacity = 1;
  base::Seconds period{1};
  bool operator==(const BucketPolicy&) const = default;
};

// One subject's bucket. When it will be full is all there is to know: every token taken moves that time on by
// what one token needs to refill (GCRA). A default one is full.
struct TokenBucket {
  SteadyTime full_at{};
};

struct TokenTaken {
  TokenBucket bucket;  // as it is afterwards
  // Refused when set: then nothing was taken, and a token is there after so many seconds (rounded up, at
  // least 1).
  std::optional<base::Seconds> wait;
};

// Takes one token. A bucket that was filled under a stricter policy is not emptier than empty under this one.
TokenTaken take_token(const TokenBucket& bucket, const BucketPolicy& policy, SteadyTime now);

}  // namespace latchkey::ratelimit
