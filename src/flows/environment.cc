#include "flows/environment.h"

#include <algorithm>
#include <iterator>

#include "flows/change_keys.h"

namespace latchkey::flows {
namespace {

// Sees to it that the first keys are there and all are sealed with the first master secret, and returns all.
// Several processes may start at once: who comes second finds the keys there.
std::vector<domain::StoredKey> prepare_keys(domain::Store& store, crypto::SigningAlgorithm algorithm,
                                            base::Timestamp now, base::Random& random,
                                            const crypto::SecretBox& box) {
  const auto plan = [&](const std::vector<domain::StoredKey>& stored) -> std::optional<domain::KeyRotation> {
    domain::KeyRotation change = domain::plan_first_keys(stored, algorithm, now, random, box);
    std::ranges::move(domain::plan_resealing(stored, box, random), std::back_inserter(change.upserts));
    if (change.upserts.empty()) return std::nullopt;
    return change;
  };
  change_keys(store, plan, std::nullopt);
  return store.read([](const domain::Tx& tx) { return tx.keys().list(); });
}

base::Result<std::shared_ptr<const Keys>> open_keys(const std::vector<domain::StoredKey>& stored,
                                                    const crypto::SecretBox& box) {
  auto ring = domain::KeyRing::make(stored, box);
  if (!ring) return base::fail(std::move(ring.error()));
  return std::make_shared<const Keys>(Keys{*ring, domain::RefreshTokenCodec((*ring)->refresh_mac_key())});
}

}  // namespace

Environment::Environment(EnvironmentSettings settings, std::unique_ptr<domain::Store> store,
                         crypto::SecretBox box, SharedParts parts)
    : parts_(parts),
      box_(std::move(box)),
      store_(std::move(store)),
      settings_(std::make_shared<const EnvironmentSettings>(std::move(settings))) {}

base::Result<std::unique_ptr<Environment>> Environment::open(EnvironmentSettings settings,
                                                             std::unique_ptr<domain::Store> store,
                                                             crypto::SecretBox box, SharedParts parts) {
  const auto stored = prepare_keys(*store, settings.algorithm, parts.clock.now(), parts.random, box);
  auto keys = open_keys(stored, box);
  if (!keys) {
    keys.error().message =
        "The keys in the database cannot be opened with this master secret. Start with the master secret "
        "they were "
        "made with: the file master.key of the data folder, or the setting keys.master_secret.";
    return base::fail(std::move(keys.error()));
  }
  std::unique_ptr<Environment> env(
      new Environment(std::move(settings), std::move(store), std::move(box), parts));
  env->keys_.store(std::move(*keys));
  return env;
}

void Environment::change_settings(EnvironmentSettings settings) {
  settings.scope = this->settings()->scope;
  settings_.store(std::make_shared<const EnvironmentSettings>(std::move(settings)));
}

bool Environment::reload_keys() {
  const std::lock_guard lock(reload_mutex_);
  auto fresh = open_keys(store_->read([](const domain::Tx& tx) { return tx.keys().list(); }), box_);
  if (!fresh) {
    parts_.log.error("keys could not be reloaded; the old ones stay in use",
                     {{"detail", fresh.error().detail}});
    return false;
  }
  if ((*fresh)->ring->fingerprint() == keys()->ring->fingerprint()) return false;
  keys_.store(std::move(*fresh));
  verified_tokens_.clear();
  return true;
}

domain::Event make_event(Environment& env, domain::EventType type, base::Timestamp now,
                         const Client& client) {
  domain::Event event;
  event.id = domain::EventId::make(now, env.random());
  event.type = type;
  event.at = now;
  event.ip = client.ip;
  return event;
}

}  // namespace latchkey::flows
