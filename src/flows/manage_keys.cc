#include "flows/manage_keys.h"

#include <algorithm>
#include <optional>

#include "flows/change_keys.h"

namespace latchkey::flows {
namespace {

bool is_due(const std::vector<domain::StoredKey>& stored, base::Timestamp now, base::Seconds rotate_after) {
  return rotate_after.count() > 0 && std::ranges::any_of(stored, [&](const domain::StoredKey& key) {
           return key.purpose == "sign" && key.state == domain::KeyState::active && key.activated_at &&
                  now - *key.activated_at >= rotate_after;
         });
}

bool rotate(Environment& env, bool only_if_due) {
  const base::Timestamp now = env.now();
  const auto settings = env.settings();
  const base::Seconds keep_retired_for =
      settings->sessions.access_lifetime + settings->scope.clock_skew + base::Seconds(60);
  const auto plan = [&](const std::vector<domain::StoredKey>& stored) -> std::optional<domain::KeyRotation> {
    // Asked again for each plan, so that two processes do not rotate twice.
    if (only_if_due && !is_due(stored, now, settings->rotate_keys_after)) return std::nullopt;
    return domain::plan_rotation(stored, settings->algorithm, now, keep_retired_for, env.random(),
                                 env.secret_box());
  };
  const bool rotated =
      change_keys(env.store(), plan, make_event(env, domain::EventType::keys_rotated, now, {}));
  if (rotated) env.reload_keys();
  return rotated;
}

}  // namespace

std::vector<domain::StoredKey> list_keys(Environment& env) {
  return env.store().read([](const domain::Tx& tx) { return tx.keys().list(); });
}

void rotate_keys(Environment& env) { rotate(env, false); }

bool rotate_keys_if_due(Environment& env) { return rotate(env, true); }

}  // namespace latchkey::flows
