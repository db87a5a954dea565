#include "crypto/password_hash.h"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/infra_error.h"
#include "crypto/arena_pool.h"
#include "crypto/argon2.h"
#include "crypto/digest.h"
#include "crypto/phc.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kTagSize = 32;
constexpr std::size_t kBcryptMaxPassword = 72;
constexpr std::size_t kBcryptTagStart = 29;  // after "$2b$NN$" and 22 characters of salt

void check_bounds(const Argon2Params& params, unsigned arenas) {
  if (params.memory_kib < 8 || params.memory_kib > 1048576 || params.iterations < 1 ||
      params.iterations > 64 || arenas < 1) {
    throw std::invalid_argument("PasswordHasher: parameters out of range");
  }
}

// What is made here must be readable here, the decoy too, whatever the limits say.
PasswordHashLimits widened(PasswordHashLimits limits, const Argon2Params& params) {
  limits.max_memory_kib = std::max(limits.max_memory_kib, params.memory_kib);
  limits.max_iterations = std::max(limits.max_iterations, params.iterations);
  return limits;
}

// crypt(3) stops at a NUL and bcrypt after 72 bytes; a password beyond that never matches, after the same
// work.
bool verify_bcrypt(std::string_view password, const BcryptHash& hash) {
  const bool whole = password.size() <= kBcryptMaxPassword && password.find('\0') == std::string_view::npos;
  const base::Secret terminated(password.substr(0, kBcryptMaxPassword));
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_r(terminated.confidential_text().data(), hash.text.c_str(), data.get());
  // The salt is not compared: its last character has spare bits that some libraries leave set.
  const bool same = made != nullptr && std::strlen(made) == hash.text.size() &&
                    constant_time_equal(std::string_view(made).substr(kBcryptTagStart),
                                        std::string_view(hash.text).substr(kBcryptTagStart));
  explicit_bzero(data.get(), sizeof(*data));
  return whole && same;
}

bool verify_scrypt(std::string_view password, const ScryptHash& hash) {
  std::string tag(hash.tag.size(), '\0');
  if (crypto_pwhash_scryptsalsa208sha256_ll(reinterpret_cast<const unsigned char*>(password.data()),
                                            password.size(),
                                            reinterpret_cast<const unsigned char*>(hash.salt.data()),
                                            hash.salt.size(), std::uint64_t{1} << hash.log2_n, hash.r, hash.p,
                                            reinterpret_cast<unsigned char*>(tag.data()), tag.size()) != 0) {
    throw base::InfraError(base::ErrorCode::overloaded, "no memory for scrypt");
  }
  return constant_time_equal(tag, hash.tag);
}

}  // namespace

class PasswordHasher::Impl {
 public:
  Impl(Argon2Params params, PasswordHashLimits limits, unsigned arenas, base::Random& random,
       const Argon2Implementation& implementation)
      : params_((check_bounds(params, arenas), params)),
        limits_(widened(limits, params)),
        random_(random),
        implementation_(implementation),
        arenas_(arenas, implementation.memory_needed(new_input(""))) {
    // Random bytes are as good a tag as any: no password has it, and comparing costs the same.
    decoy_ = format_argon2({.input = new_input(random_bytes(kSaltSize)), .tag = random_bytes(kTagSize)});
  }

  base::Secret hash(const base::Secret& password) {
    Argon2Hash hash{.input = new_input(random_bytes(kSaltSize)), .tag = {}};
    hash.tag = in_turn(implementation_.memory_needed(hash.input), [&](std::span<std::byte> memory) {
      return implementation_.compute(password.confidential_text(), hash.input, kTagSize, memory);
    });
    return base::Secret(format_argon2(hash));
  }

  base::Result<PasswordMatch> verify(const base::Secret& password, std::string_view confidential_stored) {
    const auto stored = parse(confidential_stored);
    if (!stored) {
      return base::fail(base::ErrorCode::internal_error,
                        "stored password hash unreadable or beyond the limits");
    }
    if (!matches(password.confidential_text(), *stored)) return PasswordMatch::no;
    return is_current(*stored) ? PasswordMatch::yes : PasswordMatch::yes_needs_rehash;
  }

  // Through verify(), from the text on, so that nothing is done here that is not done there.
  void verify_decoy(const base::Secret& password) {
    [[maybe_unused]] const auto result = verify(password, decoy_);
  }

  std::optional<StoredHash> parse(std::string_view confidential_stored) const {
    auto stored = parse_stored_hash(confidential_stored, limits_);
    if (stored) {
      const auto* argon2 = std::get_if<Argon2Hash>(&*stored);
      if (argon2 != nullptr && !implementation_.supports(*argon2)) return std::nullopt;
    }
    return stored;
  }

  std::string_view implementation() const { return implementation_.name(); }
  std::uint64_t hashes_done() const { return hashes_done_.load(std::memory_order_relaxed); }
  std::chrono::nanoseconds cpu_time() const {
    return std::chrono::nanoseconds(cpu_nanoseconds_.load(std::memory_order_relaxed));
  }
  unsigned waiting() const { return arenas_.waiting(); }
  bool is_busy() const { return arenas_.in_use() > 0; }

 private:
  Argon2Input new_input(std::string salt) const {
    return {.type = Argon2Type::id,
            .memory_kib = params_.memory_kib,
            .iterations = params_.iterations,
            .lanes = 1,
            .salt = std::move(salt),
            .secret = {},
            .associated_data = {}};
  }

  std::string random_bytes(std::size_t size) const {
    std::string bytes(size, '\0');
    random_.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  // Every hash of whatever kind goes through here, so that no more run at once than there are arenas.
  template <class Work>
  std::invoke_result_t<Work, std::span<std::byte>> in_turn(std::size_t memory_size, Work work) {
    const auto lease = arenas_.acquire(memory_size);
    const auto begin = base::thread_cpu_time();
    auto result = work(lease.memory());
    const auto used = base::thread_cpu_time() - begin;
    cpu_nanoseconds_.fetch_add(static_cast<std::uint64_t>(used.count()), std::memory_order_relaxed);
    hashes_done_.fetch_add(1, std::memory_order_relaxed);
    return result;
  }

  bool matches(std::string_view password, const StoredHash& stored) {
    if (const auto* argon2 = std::get_if<Argon2Hash>(&stored)) {
      return in_turn(implementation_.memory_needed(argon2->input), [&](std::span<std::byte> memory) {
        return implementation_.verify(password, *argon2, memory);
      });
    }
    return in_turn(0, [&](std::span<std::byte>) {
      if (const auto* bcrypt = std::get_if<BcryptHash>(&stored)) return verify_bcrypt(password, *bcrypt);
      return verify_scrypt(password, std::get<ScryptHash>(stored));
    });
  }

  bool is_current(const StoredHash& stored) const {
    const auto* argon2 = std::get_if<Argon2Hash>(&stored);
    return argon2 != nullptr && argon2->input == new_input(argon2->input.salt) &&
           argon2->input.salt.size() == kSaltSize && argon2->tag.size() == kTagSize;
  }

  const Argon2Params params_;
  const PasswordHashLimits limits_;
  base::Random& random_;
  const Argon2Implementation& implementation_;
  ArenaPool arenas_;
  std::string decoy_;
  std::atomic<std::uint64_t> hashes_done_ = 0;
  std::atomic<std::uint64_t> cpu_nanoseconds_ = 0;
};

PasswordHasher::PasswordHasher(Argon2Params params, PasswordHashLimits limits, unsigned arenas,
                               base::Random& random)
    : PasswordHasher(params, limits, arenas, random, *argon2_implementations().front()) {}

PasswordHasher::PasswordHasher(Argon2Params params, PasswordHashLimits limits, unsigned arenas,
                               base::Random& random, const Argon2Implementation& implementation)
    : impl_(std::make_unique<Impl>(params, limits, arenas, random, implementation)) {}

PasswordHasher::~PasswordHasher() = default;

base::Secret PasswordHasher::hash(const base::Secret& password) { return impl_->hash(password); }
base::Result<PasswordMatch> PasswordHasher::verify(const base::Secret& password,
                                                   std::string_view confidential_stored) {
  return impl_->verify(password, confidential_stored);
}
void PasswordHasher::verify_decoy(const base::Secret& password) { impl_->verify_decoy(password); }
bool PasswordHasher::is_supported(std::string_view confidential_stored) const {
  return impl_->parse(confidential_stored).has_value();
}
std::string_view PasswordHasher::implementation() const { return impl_->implementation(); }
std::uint64_t PasswordHasher::hashes_done() const { return impl_->hashes_done(); }
std::chrono::nanoseconds PasswordHasher::cpu_time() const { return impl_->cpu_time(); }
unsigned PasswordHasher::waiting() const { return impl_->waiting(); }
bool PasswordHasher::is_busy() const { return impl_->is_busy(); }

}  // namespace latchkey::crypto
