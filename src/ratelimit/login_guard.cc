#include "ratelimit/login_guard.h"

#include <mutex>
#include <utility>

namespace latchkey::ratelimit {

LoginGuard::LoginGuard(const LoginGuardSettings& settings, base::Random& random)
    : settings_(settings), accounts_(settings.max_subjects), addresses_(settings.max_subjects) {
  random.fill(hash_key_);
}

bool LoginGuard::is_locked(std::string_view identifier_key, std::string_view address_key,
                           base::Timestamp now) {
  // Both are always looked up: which one is locked must not show in the time.
  const bool account = is_locked(accounts_, hash(identifier_key), now);
  const bool address = is_locked(addresses_, hash(address_key), now);
  return account || address;
}

void LoginGuard::note_failure(std::string_view identifier_key, std::string_view address_key,
                              base::Timestamp now) {
  const LoginGuardSettings current = settings();
  fail(accounts_, hash(identifier_key), now, current.account);
  fail(addresses_, hash(address_key), now, current.address);
}

void LoginGuard::note_success(std::string_view identifier_key, std::string_view address_key,
                              base::Timestamp now) {
  const auto apply = [&](Table& table, std::string_view key, auto after) {
    table.update_existing(hash(key), [&](Packed& packed) {
      packed = pack(after(unpack(packed), now));
      return packed.failures > 0;
    });
  };
  apply(accounts_, identifier_key, domain::after_success);
  apply(addresses_, address_key, domain::after_shared_success);
}

void LoginGuard::change_settings(const LoginGuardSettings& settings) {
  const std::unique_lock lock(mutex_);
  settings_ = settings;
}

LoginGuardSettings LoginGuard::settings() const {
  const std::shared_lock lock(mutex_);
  return settings_;
}

void LoginGuard::fail(Table& table, std::uint64_t hash, base::Timestamp now,
                      const domain::LockoutPolicy& policy) {
  const auto weight = [&](const Packed& packed) {
    const bool is_forgotten =
        base::to_unix_ms(now) - packed.last_failure_ms >= base::Milliseconds(policy.forget_after).count();
    return std::pair(is_forgotten ? 0 : packed.failures, packed.last_failure_ms);
  };
  table.update(hash, weight,
               [&](Packed& packed) { packed = pack(after_failure(unpack(packed), now, policy)); });
}

bool LoginGuard::is_locked(Table& table, std::uint64_t hash, base::Timestamp now) {
  bool locked = false;
  table.update_existing(hash, [&](const Packed& packed) {
    locked = domain::is_locked(unpack(packed), now);
    return true;
  });
  return locked;
}

domain::LockoutState LoginGuard::unpack(const Packed& packed) {
  domain::LockoutState state;
  state.failures = packed.failures;
  state.last_failure = base::from_unix_ms(packed.last_failure_ms);
  if (packed.locked_until_ms != 0) state.locked_until = base::from_unix_ms(packed.locked_until_ms);
  return state;
}

LoginGuard::Packed LoginGuard::pack(const domain::LockoutState& state) {
  return {.last_failure_ms = base::to_unix_ms(state.last_failure),
          .locked_until_ms = state.locked_until ? base::to_unix_ms(*state.locked_until) : 0,
          .failures = state.failures};
}

}  // namespace latchkey::ratelimit
