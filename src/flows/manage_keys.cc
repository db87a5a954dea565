#include "flows/manage_keys.h"

#include <algorithm>

namespace latchkey::flows {
namespace {

bool is_due(const std::vector<domain::StoredKey>& stored, base::Timestamp now, base::Seconds rotate_after) {
  return rotate_after.count() > 0 && std::ranges::any_of(stored, [&](const domain::StoredKey& key) {
           return key.purpose == "sign" && key.state == domain::KeyState::active && key.activated_at &&
                  now - *key.activated_at >= rotate_after;
         });
}

// Decides and writes in one transaction, so that two processes do not rotate twice.
bool rotate(Environment& env, bool only_if_due) {
  const base::Timestamp now = env.now();
  const auto settings = env.settings();
  const base::Seconds keep_retired_for =
      settings->sessions.access_lifetime + settings->scope.clock_skew + base::Seconds(60);
  const auto rotated = env.store().transact([&](domain::Tx& tx) -> base::Result<bool> {
    const auto stored = tx.keys().list();
    if (only_if_due && !is_due(stored, now, settings->rotate_keys_after)) return false;
    const auto plan = domain::plan_rotation(stored, settings->algorithm, now, keep_retired_for, env.random(),
                                            env.secret_box());
    for (const auto& key : plan.upserts) tx.keys().put(key);
    for (const auto& kid : plan.deletes) tx.keys().erase(kid);
    tx.events().append(make_event(env, domain::EventType::keys_rotated, now, {}));
    return true;
  });
  if (*rotated) env.reload_keys();  // the work above never refuses
  return *rotated;
}

}  // namespace

std::vector<domain::StoredKey> list_keys(Environment& env) {
  return env.store().read([](const domain::Tx& tx) { return tx.keys().list(); });
}

void rotate_keys(Environment& env) { rotate(env, false); }

bool rotate_keys_if_due(Environment& env) {
  const auto due = [&](const domain::Tx& tx) {
    return is_due(tx.keys().list(), env.now(), env.settings()->rotate_keys_after);
  };
  return env.store().read(due) && rotate(env, true);
}

}  // namespace latchkey::flows
