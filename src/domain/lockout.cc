#include "domain/lockout.h"

#include <algorithm>
#include <limits>

namespace latchkey::domain {
namespace {

// first_lock, doubled for every failure after the one that reached the threshold.
base::Seconds lock_duration(std::uint32_t failures, const LockoutPolicy& policy) {
  base::Seconds duration = policy.first_lock;
  for (std::uint32_t n = policy.threshold; n < failures && duration < policy.longest_lock; ++n) duration *= 2;
  return std::min(duration, policy.longest_lock);
}

}  // namespace

bool is_locked(const LockoutState& state, base::Timestamp now) {
  return state.locked_until && now < *state.locked_until;
}

LockoutState after_failure(const LockoutState& state, base::Timestamp now, const LockoutPolicy& policy) {
  if (is_locked(state, now)) return state;
  const bool forgotten = now - state.last_failure >= policy.forget_after;
  const std::uint32_t before = forgotten ? 0 : state.failures;
  LockoutState next;
  next.failures = before == std::numeric_limits<std::uint32_t>::max() ? before : before + 1;
  next.last_failure = now;
  if (policy.threshold > 0 && next.failures >= policy.threshold) {
    next.locked_until = now + lock_duration(next.failures, policy);
  }
  return next;
}

LockoutState after_success(const LockoutState& state, base::Timestamp now) {
  return is_locked(state, now) ? state : LockoutState{};
}

LockoutState after_shared_success(const LockoutState& state, base::Timestamp now) {
  if (is_locked(state, now)) return state;
  if (state.failures <= 1) return {};
  LockoutState next = state;
  --next.failures;
  next.locked_until.reset();
  return next;
}

}  // namespace latchkey::domain
