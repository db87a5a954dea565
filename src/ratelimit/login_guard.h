// Keeps the soft locks of accounts and addresses in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string_view>

#include "base/random.h"
#include "crypto/digest.h"
#include "domain/lockout.h"
#include "domain/ports.h"
#include "ratelimit/subject_table.h"

namespace latchkey::ratelimit {

struct LoginGuardSettings {
  domain::LockoutPolicy account = {.threshold = 10};
  domain::LockoutPolicy address = {.threshold = 50};  // many people may share one
  std::size_t max_subjects = 65536;                   // accounts, and as many addresses
};

// domain::lockout's state machine for every account and address that failed lately: 32 bytes each, in two
// tables of max_subjects (2 MiB each by default, untouched until used). When a table is full, a new subject
// pushes out one that is forgotten anyway or else the one with the fewest failures, so that guesses at
// made-up accounts do not open a lock. Locks are lost with the process. Thread-safe.
class LoginGuard final : public domain::LoginGuard {
 public:
  LoginGuard(const LoginGuardSettings& settings, base::Random& random);

  bool is_locked(std::string_view identifier_key, std::string_view address_key, base::Timestamp now) override;
  void note_failure(std::string_view identifier_key, std::string_view address_key,
                    base::Timestamp now) override;
  // Wipes the account's slate, and takes back one failure of the address.
  void note_success(std::string_view identifier_key, std::string_view address_key,
                    base::Timestamp now) override;

  // The policies; max_subjects stays as it was. Locks that run keep their end.
  void change_settings(const LoginGuardSettings& settings);
  // The most memory that the tables ever take.
  std::size_t max_bytes() const { return accounts_.max_bytes() + addresses_.max_bytes(); }

 private:
  // domain::LockoutState in 24 bytes; all zero is a fresh one.
  struct Packed {
    std::int64_t last_failure_ms = 0;
    std::int64_t locked_until_ms = 0;  // 0: not locked
    std::uint32_t failures = 0;
  };
  using Table = SubjectTable<Packed>;
  static domain::LockoutState unpack(const Packed& packed);
  static Packed pack(const domain::LockoutState& state);
  static void fail(Table& table, std::uint64_t hash, base::Timestamp now,
                   const domain::LockoutPolicy& policy);
  static bool is_locked(Table& table, std::uint64_t hash, base::Timestamp now);

  std::uint64_t hash(std::string_view key) const { return crypto::keyed_hash(hash_key_, key); }
  LoginGuardSettings settings() const;

  crypto::HashKey hash_key_;
  mutable std::shared_mutex mutex_;  // of settings_; tables lock themselves
  LoginGuardSettings settings_;
  Table accounts_;
  Table addresses_;
};

}  // namespace latchkey::ratelimit
