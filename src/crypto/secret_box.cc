#include "crypto/secret_box.h"

#include <sodium.h>

#include <array>
#include <optional>

#include "base/infra_error.h"
#include "crypto/digest.h"

namespace latchkey::crypto {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMinMasterSecret = 32;
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHeaderSize = 1 + kNonceSize;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// What is authenticated beside the ciphertext.
std::string bound_to(std::string_view context) { return std::string(1, kVersion).append(context); }

std::optional<base::Secret> open_with(const base::Secret& key, std::string_view sealed,
                                      std::string_view context) {
  if (sealed.size() < kHeaderSize + kTagSize || sealed.front() != kVersion) return std::nullopt;
  const std::string_view nonce = sealed.substr(1, kNonceSize);
  const std::string_view ciphertext = sealed.substr(kHeaderSize);
  const std::string bound = bound_to(context);
  std::string plain(ciphertext.size() - kTagSize, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(plain), nullptr, nullptr, bytes(ciphertext),
                                                 ciphertext.size(), bytes(bound), bound.size(), bytes(nonce),
                                                 bytes(key.confidential_text())) != 0) {
    return std::nullopt;
  }
  return base::Secret(std::move(plain));
}

}  // namespace

base::Result<SecretBox> SecretBox::make(const std::vector<base::Secret>& master_secrets) {
  if (sodium_init() < 0) throw base::InfraError(base::ErrorCode::internal_error, "libsodium does not start");
  if (master_secrets.empty())
    return base::fail(base::field_error("master_secrets", "At least one is needed."));
  std::vector<base::Secret> keys;
  for (const base::Secret& secret : master_secrets) {
    if (secret.size() < kMinMasterSecret) {
      return base::fail(base::field_error(
          "master_secrets", "Number " + std::to_string(keys.size() + 1) + " of the list is shorter than " +
                                std::to_string(kMinMasterSecret) + " bytes."));
    }
    keys.push_back(hkdf_sha256(secret, "latchkey/secret_box/v1", kKeySize));
  }
  return SecretBox(std::move(keys));
}

std::string SecretBox::seal(const base::Secret& plain, std::string_view context, base::Random& random) const {
  std::array<std::byte, kNonceSize> nonce;
  random.fill(nonce);
  const std::string bound = bound_to(context);
  std::string sealed(1, kVersion);
  sealed.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  sealed.resize(kHeaderSize + plain.size() + kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes(sealed) + kHeaderSize, nullptr, bytes(plain.confidential_text()), plain.size(), bytes(bound),
      bound.size(), nullptr, reinterpret_cast<const unsigned char*>(nonce.data()),
      bytes(keys_.front().confidential_text()));
  return sealed;
}

base::Result<base::Secret> SecretBox::open(std::string_view sealed, std::string_view context) const {
  for (const base::Secret& key : keys_) {
    if (auto plain = open_with(key, sealed, context)) return std::move(*plain);
  }
  return base::fail(base::ErrorCode::internal_error,
                    "no master secret opens what was sealed for " + std::string(context));
}

bool SecretBox::needs_resealing(std::string_view sealed, std::string_view context) const {
  return !open_with(keys_.front(), sealed, context).has_value() && open(sealed, context).has_value();
}

}  // namespace latchkey::crypto
