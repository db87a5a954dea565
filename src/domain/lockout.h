// The soft lock that slows down guessing: a pure state machine, time is an argument.
//
//   open ──failure, below the threshold──► open
//     │ failure number `threshold`
//     ▼
//   locked for `first_lock` ──time passes──► open, but one more failure locks again for twice as long (to
//   `longest_lock`)
//
//   A success while open, or `forget_after` without a failure, returns to the start.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace latchkey::domain {

struct LockoutPolicy {
  std::uint32_t threshold = 10;  // failures in a row; 0 switches locking off
  base::Seconds first_lock{60};
  base::Seconds longest_lock{900};
  base::Seconds forget_after{24 * 3600};
};

struct LockoutState {
  std::uint32_t failures = 0;
  base::Timestamp last_failure{};
  std::optional<base::Timestamp> locked_until;
};

bool is_locked(const LockoutState& state, base::Timestamp now);
// A failure while locked changes nothing: waiting is enough, and guessing does not prolong the owner's lock.
LockoutState after_failure(const LockoutState& state, base::Timestamp now, const LockoutPolicy& policy);
// A success while locked changes nothing (it was not let in).
LockoutState after_success(const LockoutState& state, base::Timestamp now);
// The same for an address, which many may share: takes back one failure only, because whoever has an account
// of their own could otherwise wipe the slate between guesses at others'.
LockoutState after_shared_success(const LockoutState& state, base::Timestamp now);

}  // namespace latchkey::domain
