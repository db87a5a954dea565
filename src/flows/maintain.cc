#include "flows/maintain.h"

#include "flows/manage_keys.h"

namespace latchkey::flows {
namespace {

constexpr std::uint32_t kRowsAtOnce = 500;
constexpr int kMostRounds = 200;  // what is left waits for the next call

}  // namespace

void maintain_keys(Environment& env) {
  if (env.reload_keys())
    env.log().info("signing keys reloaded", {{"active", env.keys()->ring->active().kid}});
  if (rotate_keys_if_due(env))
    env.log().info("signing keys rotated", {{"active", env.keys()->ring->active().kid}});
}

std::uint64_t purge_old_rows(Environment& env) {
  const base::Timestamp now = env.now();
  const auto settings = env.settings();
  std::uint64_t total = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto purged = env.store().transact([&](domain::Tx& tx) -> base::Result<std::uint64_t> {
      return tx.events().purge(now - settings->keep_events_for, kRowsAtOnce) +
             tx.sessions().purge(now - settings->keep_ended_sessions_for, kRowsAtOnce);
    });
    total += *purged;  // the work above never refuses
    if (*purged == 0) break;
  }
  return total;
}

}  // namespace latchkey::flows
