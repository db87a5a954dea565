// One environment: a world of its own with its store, keys, issuer, lifetimes and limits. Today there is one,
// `live`.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/snapshot.h"
#include "crypto/password_hash.h"
#include "crypto/secret_box.h"
#include "domain/access_token.h"
#include "domain/key_ring.h"
#include "domain/password_policy.h"
#include "domain/ports.h"
#include "domain/refresh_token.h"
#include "domain/session.h"
#include "domain/store.h"
#include "flows/verified_tokens.h"

namespace latchkey::flows {

// What the owner decides about an environment.
struct EnvironmentSettings {
  domain::TokenScope scope;
  domain::SessionPolicy sessions;
  domain::PasswordPolicy passwords;
  bool signup_enabled = true;
  crypto::SigningAlgorithm algorithm = crypto::SigningAlgorithm::es256;
  base::Seconds rotate_keys_after{90 * 86400};  // 0: only by hand
  base::Seconds keep_events_for{90 * 86400};
  base::Seconds keep_ended_sessions_for{30 * 86400};
};

// Parts that environments share; they must outlive the environment.
struct SharedParts {
  crypto::PasswordHasher& hasher;
  domain::LoginGuard& guard;
  const base::Clock& clock;
  base::Random& random;
  base::Logger& log;
};

// The keys in use, as one immutable snapshot.
struct Keys {
  std::shared_ptr<const domain::KeyRing> ring;
  domain::RefreshTokenCodec refresh_tokens;
};

// Owns the store and the keys of one environment. Thread-safe. Flows are free functions that take an
// Environment.
class Environment {
 public:
  // Makes the first keys when there are none, and seals keys anew when the master secret has changed. Fails
  // with internal_error when the keys cannot be opened (a wrong master secret), with a message that says so.
  static base::Result<std::unique_ptr<Environment>> open(EnvironmentSettings settings,
                                                         std::unique_ptr<domain::Store> store,
                                                         crypto::SecretBox box, SharedParts parts);

  domain::Store& store() const { return *store_; }
  crypto::PasswordHasher& hasher() const { return parts_.hasher; }
  domain::LoginGuard& guard() const { return parts_.guard; }
  base::Random& random() const { return parts_.random; }
  base::Logger& log() const { return parts_.log; }
  base::Timestamp now() const { return parts_.clock.now(); }
  VerifiedTokens& verified_tokens() { return verified_tokens_; }
  const crypto::SecretBox& secret_box() const { return box_; }

  // A snapshot; a reload during a request changes nothing for that request.
  std::shared_ptr<const EnvironmentSettings> settings() const { return settings_.load(); }
  std::shared_ptr<const Keys> keys() const { return keys_.load(); }

  // Takes effect for requests that begin afterwards. The scope cannot change while running: it stays as it
  // was.
  void change_settings(EnvironmentSettings settings);
  // Reads the keys again; another process may have rotated them. True when they changed.
  bool reload_keys();

 private:
  Environment(EnvironmentSettings settings, std::unique_ptr<domain::Store> store, crypto::SecretBox box,
              SharedParts parts);

  SharedParts parts_;
  crypto::SecretBox box_;
  std::unique_ptr<domain::Store> store_;
  base::Snapshot<EnvironmentSettings> settings_;
  base::Snapshot<Keys> keys_;
  std::mutex reload_mutex_;
  VerifiedTokens verified_tokens_;
};

// Who is asking, as far as the connection tells.
struct Client {
  std::string ip;
  std::string address_key;  // what limits and locks count: IPv6 by /64
  std::string user_agent;
};

// A new event that happened now.
domain::Event make_event(Environment& env, domain::EventType type, base::Timestamp now, const Client& client);

}  // namespace latchkey::flows
