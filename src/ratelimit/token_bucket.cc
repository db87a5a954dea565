#include "ratelimit/token_bucket.h"

#include <algorithm>

namespace latchkey::ratelimit {

TokenTaken take_token(const TokenBucket& bucket, const BucketPolicy& policy, SteadyTime now) {
  using Duration = SteadyTime::duration;
  const Duration period = std::max<Duration>(policy.period, base::Seconds(1));
  const auto capacity = static_cast<Duration::rep>(std::max<std::uint32_t>(policy.capacity, 1));
  const Duration per_token = std::max(period / capacity, Duration(1));
  const SteadyTime empty = now + per_token * capacity;  // full_at of an empty bucket
  const SteadyTime full_at = std::clamp(bucket.full_at, now, empty);

  const SteadyTime after = full_at + per_token;
  if (after <= empty) return {.bucket = {.full_at = after}, .wait = std::nullopt};
  const auto wait = std::chrono::ceil<base::Seconds>(after - empty);
  return {.bucket = {.full_at = full_at}, .wait = std::max(wait, base::Seconds(1))};
}

}  // namespace latchkey::ratelimit
