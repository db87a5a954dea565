#include "domain/key_ring.h"

#include <algorithm>
#include <span>

#include "base/json_text.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace latchkey::domain {
namespace {

constexpr std::size_t kRandomKidBytes = 16;
constexpr std::size_t kMacKeyBytes = 32;

std::string random_bytes(base::Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  random.fill(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::string random_kid(base::Random& random) {
  return crypto::base64url_encode(random_bytes(random, kRandomKidBytes));
}

std::string digest_text(std::string_view text) { return crypto::base64url_encode(crypto::sha256(text)); }

void activate(StoredKey& key, base::Timestamp now) {
  key.state = KeyState::active;
  key.activated_at = now;
}

bool is_signing(const StoredKey& key, KeyState state) {
  return key.purpose == kPurposeSign && key.state == state;
}

// When `key` began to be active; the newest active key is the one that counts.
base::Timestamp active_since(const StoredKey& key) { return key.activated_at.value_or(key.created_at); }

std::string make_jwks(std::span<const RingKey> keys) {
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("keys").begin_array();
  for (const RingKey& key : keys) {
    std::string jwk = key.key.public_jwk_members();
    if (jwk.empty()) continue;  // HS256: nothing to publish
    jwk.pop_back();
    jwk += ',';
    std::string rest;
    base::JsonWriter(rest)
        .begin_object()
        .member("alg", crypto::to_string(key.key.algorithm()))
        .member("kid", key.kid)
        .member("use", "sig")
        .end_object();
    writer.raw(jwk += std::string_view(rest).substr(1));
  }
  writer.end_array().end_object();
  return out;
}

// Independent of the order in which the keys are listed.
std::string make_fingerprint(const std::vector<StoredKey>& stored) {
  std::vector<std::string> lines;
  for (const StoredKey& key : stored) {
    lines.push_back(key.kid + ' ' + key.purpose + ' ' + key.algorithm + ' ' +
                    std::string(to_string(key.state)) + '\n');
  }
  std::ranges::sort(lines);
  std::string all;
  for (const std::string& line : lines) all += line;
  return digest_text(all);
}

base::Result<RingKey> open_signing_key(const StoredKey& stored, const crypto::SecretBox& box) {
  const auto algorithm = crypto::parse_signing_algorithm(stored.algorithm);
  if (!algorithm) {
    return base::fail(base::ErrorCode::internal_error,
                      "key " + stored.kid + " has the unknown algorithm " + stored.algorithm);
  }
  const auto exported = box.open(stored.sealed_private, stored.kid);
  if (!exported) return base::fail(exported.error());
  auto key = crypto::SigningKey::import_private(*algorithm, *exported);
  if (!key) return base::fail(std::move(key.error()));
  return RingKey{stored.kid, std::move(*key), stored.state, stored.retired_at};
}

}  // namespace

std::string_view to_string(KeyState state) {
  switch (state) {
    case KeyState::next:
      return "next";
    case KeyState::active:
      return "active";
    case KeyState::retired:
      return "retired";
  }
  return {};
}

StoredKey make_signing_key(crypto::SigningAlgorithm algorithm, base::Timestamp now, base::Random& random,
                           const crypto::SecretBox& box) {
  const crypto::SigningKey key = crypto::SigningKey::generate(algorithm, random);
  const std::string& jwk = key.public_jwk_members();
  StoredKey stored;
  stored.kid = jwk.empty() ? random_kid(random) : digest_text(jwk);
  stored.purpose = kPurposeSign;
  stored.algorithm = crypto::to_string(algorithm);
  stored.state = KeyState::next;
  stored.sealed_private = box.seal(key.export_private(), stored.kid, random);
  stored.created_at = now;
  return stored;
}

StoredKey make_refresh_mac_key(base::Timestamp now, base::Random& random, const crypto::SecretBox& box) {
  const base::Secret key(random_bytes(random, kMacKeyBytes));
  StoredKey stored;
  stored.kid = random_kid(random);
  stored.purpose = kPurposeRefreshMac;
  stored.sealed_private = box.seal(key, stored.kid, random);
  stored.created_at = now;
  activate(stored, now);
  return stored;
}

base::Result<std::shared_ptr<const KeyRing>> KeyRing::make(const std::vector<StoredKey>& stored,
                                                           const crypto::SecretBox& box) {
  const auto refuse = [](std::string detail) {
    return base::fail(base::ErrorCode::internal_error, std::move(detail));
  };
  const std::shared_ptr<KeyRing> ring(new KeyRing);
  const StoredKey* active = nullptr;
  const StoredKey* mac = nullptr;
  for (const StoredKey& key : stored) {
    if (key.purpose == kPurposeSign) {
      if (ring->find(key.kid) != nullptr) return refuse("key " + key.kid + " is there twice");
      auto opened = open_signing_key(key, box);
      if (!opened) return base::fail(std::move(opened.error()));
      if (key.state == KeyState::active && (active == nullptr || active_since(key) > active_since(*active))) {
        active = &key;
        ring->active_ = ring->keys_.size();
      }
      ring->keys_.push_back(std::move(*opened));
    } else if (key.purpose == kPurposeRefreshMac) {
      if (key.state == KeyState::active && (mac == nullptr || active_since(key) > active_since(*mac)))
        mac = &key;
    } else {
      return refuse("key " + key.kid + " has the unknown purpose " + key.purpose);
    }
  }
  if (active == nullptr) return refuse("there is no active signing key");
  if (mac == nullptr) return refuse("there is no key for refresh tokens");
  auto mac_key = box.open(mac->sealed_private, mac->kid);
  if (!mac_key) return base::fail(std::move(mac_key.error()));
  if (mac_key->size() != kMacKeyBytes) return refuse("key " + mac->kid + " has the wrong length");
  ring->refresh_mac_key_ = std::move(*mac_key);
  ring->jwks_ = make_jwks(ring->keys_);
  ring->fingerprint_ = make_fingerprint(stored);
  return ring;
}

const RingKey& KeyRing::active() const { return keys_[active_]; }

const RingKey* KeyRing::find(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &RingKey::kid);
  return found == keys_.end() ? nullptr : &*found;
}

KeyRotation plan_rotation(const std::vector<StoredKey>& stored, crypto::SigningAlgorithm algorithm,
                          base::Timestamp now, base::Seconds keep_retired_for, base::Random& random,
                          const crypto::SecretBox& box) {
  KeyRotation plan;
  std::optional<StoredKey> successor;
  for (const StoredKey& key : stored) {
    if (is_signing(key, KeyState::active)) {
      StoredKey& retired = plan.upserts.emplace_back(key);
      retired.state = KeyState::retired;
      retired.retired_at = now;
    } else if (is_signing(key, KeyState::retired) && key.retired_at &&
               now - *key.retired_at > keep_retired_for) {
      plan.deletes.push_back(key.kid);
    } else if (is_signing(key, KeyState::next)) {
      // One that waits for another algorithm has signed nothing and never will.
      if (!successor && key.algorithm == crypto::to_string(algorithm)) {
        successor = key;
      } else {
        plan.deletes.push_back(key.kid);
      }
    }
  }
  if (!successor) successor = make_signing_key(algorithm, now, random, box);
  activate(*successor, now);
  plan.upserts.push_back(std::move(*successor));
  plan.upserts.push_back(make_signing_key(algorithm, now, random, box));
  return plan;
}

KeyRotation plan_first_keys(const std::vector<StoredKey>& stored, crypto::SigningAlgorithm algorithm,
                            base::Timestamp now, base::Random& random, const crypto::SecretBox& box) {
  const auto has = [&](std::string_view purpose, KeyState state) {
    return std::ranges::any_of(
        stored, [&](const StoredKey& key) { return key.purpose == purpose && key.state == state; });
  };
  KeyRotation plan;
  if (!has(kPurposeSign, KeyState::active)) {
    plan.upserts.push_back(make_signing_key(algorithm, now, random, box));
    activate(plan.upserts.back(), now);
  }
  if (!has(kPurposeSign, KeyState::next)) {
    plan.upserts.push_back(make_signing_key(algorithm, now, random, box));
  }
  if (!has(kPurposeRefreshMac, KeyState::active)) {
    plan.upserts.push_back(make_refresh_mac_key(now, random, box));
  }
  return plan;
}

std::vector<StoredKey> plan_resealing(const std::vector<StoredKey>& stored, const crypto::SecretBox& box,
                                      base::Random& random) {
  std::vector<StoredKey> resealed;
  for (const StoredKey& key : stored) {
    if (!box.needs_resealing(key.sealed_private, key.kid)) continue;
    const auto plain = box.open(key.sealed_private, key.kid);
    if (!plain) continue;  // KeyRing::make tells
    StoredKey& anew = resealed.emplace_back(key);
    anew.sealed_private = box.seal(*plain, key.kid, random);
  }
  return resealed;
}

}  // namespace latchkey::domain
