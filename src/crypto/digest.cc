#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/infra_error.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kBlockSize = 64;

// Looked up once: OpenSSL 3 searches its providers each time an algorithm is named.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = [] {
    const EVP_MD* found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (found == nullptr) throw base::InfraError(base::ErrorCode::internal_error, "OpenSSL has no SHA-256");
    return found;
  }();
  return algorithm;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new()) { restart(); }
  Hash& restart() {
    return check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), sha256_algorithm(), nullptr) == 1);
  }
  Hash& add(std::span<const std::byte> data) {
    return check(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
  }
  Sha256 finish() {
    Sha256 out;
    check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
    return out;
  }

 private:
  Hash& check(bool good) {
    if (!good) throw base::InfraError(base::ErrorCode::internal_error, "SHA-256 failed in OpenSSL");
    return *this;
  }
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

Sha256 sha256(std::string_view data) { return Hash().add(bytes_of(data)).finish(); }

Sha256 hmac_sha256(std::span<const std::byte> key, std::string_view data) {
  Hash hash;
  std::array<std::byte, kBlockSize> inner{};
  if (key.size() > kBlockSize) {
    std::ranges::copy(hash.add(key).finish(), inner.begin());
    hash.restart();
  } else {
    std::ranges::copy(key, inner.begin());
  }
  std::array<std::byte, kBlockSize> outer = inner;
  for (std::byte& b : inner) b ^= std::byte{0x36};
  for (std::byte& b : outer) b ^= std::byte{0x5c};
  const Sha256 first = hash.add(inner).add(bytes_of(data)).finish();
  const Sha256 mac = hash.restart().add(outer).add(first).finish();
  OPENSSL_cleanse(inner.data(), inner.size());
  OPENSSL_cleanse(outer.data(), outer.size());
  return mac;
}

base::Secret hkdf_sha256(const base::Secret& key, std::string_view purpose, std::size_t length) {
  if (length == 0 || length > 255 * sizeof(Sha256)) throw std::invalid_argument("hkdf_sha256: length");
  Sha256 extracted = hmac_sha256(Sha256{}, key.confidential_text());
  std::string out;
  std::string block;  // T(i) || info || i
  out.reserve(length + sizeof(Sha256));
  block.reserve(sizeof(Sha256) + purpose.size() + 1);
  for (unsigned char i = 1; out.size() < length; ++i) {
    block.append(purpose);
    block.push_back(static_cast<char>(i));
    Sha256 next = hmac_sha256(extracted, block);
    block.assign(reinterpret_cast<const char*>(next.data()), next.size());
    out += block;
    OPENSSL_cleanse(next.data(), next.size());
  }
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(out.data() + length, out.size() - length);
  OPENSSL_cleanse(extracted.data(), extracted.size());
  out.resize(length);
  return base::Secret(std::move(out));
}

std::uint64_t keyed_hash(const HashKey& key, std::string_view data) {
  static_assert(sizeof(HashKey) == crypto_shorthash_siphash24_KEYBYTES);
  static_assert(sizeof(std::uint64_t) == crypto_shorthash_siphash24_BYTES);
  std::array<unsigned char, sizeof(std::uint64_t)> out;
  crypto_shorthash_siphash24(out.data(), reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                             reinterpret_cast<const unsigned char*>(key.data()));
  return std::bit_cast<std::uint64_t>(out);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace latchkey::crypto
