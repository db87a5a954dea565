#include "crypto/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "base/infra_error.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace latchkey::crypto {
namespace {

using base::ErrorCode;

constexpr std::size_t kScalarSize = 32;  // of P-256
constexpr int kNewRsaBits = 3072;
constexpr int kMinRsaBits = 2048;  // RFC 7518 section 3.3
constexpr int kMaxRsaBits = 8192;
constexpr std::size_t kMinHmacKeySize = 32;  // RFC 7518 section 3.2: no shorter than the hash
constexpr std::size_t kMaxHmacKeySize = 1024;

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free<PKCS8_PRIV_KEY_INFO_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

// Throws InfraError unless `good`. OpenSSL's own explanation goes to the log and leaves its queue.
void check(bool good, const char* what) {
  if (good) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw base::InfraError(ErrorCode::internal_error, std::string(what) + ": " + reason.data());
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(const Sha256& digest) {
  return reinterpret_cast<const unsigned char*>(digest.data());
}

Number number_of(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* number = nullptr;
  check(EVP_PKEY_get_bn_param(key, parameter, &number) == 1, parameter);
  return Number(number);
}

// Big-endian, filled up with zeros on the left to `size` bytes; base64url.
std::string number_text(const BIGNUM* number, std::size_t size) {
  std::string raw(size, '\0');
  check(BN_bn2binpad(number, bytes(raw), static_cast<int>(size)) == static_cast<int>(size), "BN_bn2binpad");
  return base64url_encode(raw);
}

base::Secret to_pkcs8(EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  check(info != nullptr, "EVP_PKEY2PKCS8");
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  check(size > 0, "i2d_PKCS8_PRIV_KEY_INFO");
  base::Secret secret(std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return secret;
}

// Null for anything that is not exactly one PKCS#8 private key.
Pkey from_pkcs8(const base::Secret& der) {
  const unsigned char* cursor = bytes(der.confidential_text());
  const unsigned char* end = cursor + der.size();
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(der.size())));
  Pkey key(info != nullptr && cursor == end ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (key == nullptr) ERR_clear_error();
  return key;
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == "prime256v1";
}

bool is_rsa(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kMinRsaBits &&
         EVP_PKEY_get_bits(key) <= kMaxRsaBits;
}

}  // namespace

// One kind of key a subclass; each is immutable once made.
class SigningKey::Impl {
 public:
  Impl(SigningAlgorithm algorithm, std::string public_jwk_members)
      : algorithm_(algorithm), public_jwk_members_(std::move(public_jwk_members)) {}
  virtual ~Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  SigningAlgorithm algorithm() const { return algorithm_; }
  const std::string& public_jwk_members() const { return public_jwk_members_; }
  virtual base::Secret export_private() const = 0;
  virtual std::string sign(std::string_view input) const = 0;
  virtual bool verify(std::string_view input, std::string_view signature) const = 0;

 private:
  const SigningAlgorithm algorithm_;
  const std::string public_jwk_members_;
};

namespace {

// What ES256 and RS256 share: OpenSSL signs and verifies a SHA-256 digest. Setting up a context searches
// OpenSSL's providers, so it is done once; each use works on a copy, which is cheap, and that makes it
// thread-safe.
class DigestKey : public SigningKey::Impl {
 public:
  DigestKey(SigningAlgorithm algorithm, std::string jwk, Pkey&& key)
      : Impl(algorithm, std::move(jwk)),
        key_(std::move(key)),
        sign_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)),
        verify_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)) {
    check(sign_ != nullptr && EVP_PKEY_sign_init(sign_.get()) == 1, "EVP_PKEY_sign_init");
    check(verify_ != nullptr && EVP_PKEY_verify_init(verify_.get()) == 1, "EVP_PKEY_verify_init");
  }
  base::Secret export_private() const final { return to_pkcs8(key_.get()); }

 protected:
  template <class Configure>
  void configure(Configure configure) {
    for (EVP_PKEY_CTX* context : {sign_.get(), verify_.get()}) configure(context);
  }
  // In OpenSSL's own form.
  std::string sign_digest_of(std::string_view input) const {
    const Sha256 digest = sha256(input);
    const PkeyContext context(EVP_PKEY_CTX_dup(sign_.get()));
    check(context != nullptr, "EVP_PKEY_CTX_dup");
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    check(EVP_PKEY_sign(context.get(), bytes(signature), &size, bytes(digest), digest.size()) == 1,
          "EVP_PKEY_sign");
    signature.resize(size);
    return signature;
  }
  bool verify_digest_of(std::string_view input, std::span<const unsigned char> signature) const {
    const Sha256 digest = sha256(input);
    const PkeyContext context(EVP_PKEY_CTX_dup(verify_.get()));
    check(context != nullptr, "EVP_PKEY_CTX_dup");
    const bool good =
        EVP_PKEY_verify(context.get(), signature.data(), signature.size(), bytes(digest), digest.size()) == 1;
    if (!good) ERR_clear_error();
    return good;
  }

 private:
  Pkey key_;
  PkeyContext sign_;
  PkeyContext verify_;
};

// RFC 7518 section 3.4. OpenSSL speaks DER, JWS the two numbers side by side.
class Es256Key final : public DigestKey {
 public:
  explicit Es256Key(Pkey key) : DigestKey(SigningAlgorithm::es256, jwk(key.get()), std::move(key)) {}

  std::string sign(std::string_view input) const override {
    const std::string der = sign_digest_of(input);
    const unsigned char* cursor = bytes(der);
    const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
    check(parts != nullptr, "d2i_ECDSA_SIG");
    std::string signature(2 * kScalarSize, '\0');
    constexpr int size = kScalarSize;
    check(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes(signature), size) == size &&
              BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes(signature) + size, size) == size,
          "BN_bn2binpad");
    return signature;
  }

  bool verify(std::string_view input, std::string_view signature) const override {
    if (signature.size() != 2 * kScalarSize) return false;
    const EcdsaSignature parts(ECDSA_SIG_new());
    Number r(BN_bin2bn(bytes(signature), kScalarSize, nullptr));
    Number s(BN_bin2bn(bytes(signature) + kScalarSize, kScalarSize, nullptr));
    check(parts != nullptr && r != nullptr && s != nullptr, "ECDSA_SIG_new");
    ECDSA_SIG_set0(parts.get(), r.release(), s.release());
    std::array<unsigned char, 80> der;  // at most 72 are used
    unsigned char* end = der.data();
    const int size = i2d_ECDSA_SIG(parts.get(), &end);
    check(size > 0, "i2d_ECDSA_SIG");
    return verify_digest_of(input, std::span(der).first(static_cast<std::size_t>(size)));
  }

 private:
  static std::string jwk(const EVP_PKEY* key) {
    const Number x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X);
    const Number y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    return R"({"crv":"P-256","kty":"EC","x":")" + number_text(x.get(), kScalarSize) + R"(","y":")" +
           number_text(y.get(), kScalarSize) + R"("})";
  }
};

// RFC 7518 section 3.3: RSASSA-PKCS1-v1_5.
class Rs256Key final : public DigestKey {
 public:
  explicit Rs256Key(Pkey key) : DigestKey(SigningAlgorithm::rs256, jwk(key.get()), std::move(key)) {
    configure([](EVP_PKEY_CTX* context) {
      check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1, "EVP_PKEY_CTX_set_rsa_padding");
      check(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1, "EVP_PKEY_CTX_set_signature_md");
    });
  }
  std::string sign(std::string_view input) const override { return sign_digest_of(input); }
  bool verify(std::string_view input, std::string_view signature) const override {
    return verify_digest_of(input, {bytes(signature), signature.size()});
  }

 private:
  static std::string jwk(const EVP_PKEY* key) {
    const Number n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    const Number e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    const auto text = [](const Number& number) {
      return number_text(number.get(), static_cast<std::size_t>(BN_num_bytes(number.get())));
    };
    return R"({"e":")" + text(e) + R"(","kty":"RSA","n":")" + text(n) + R"("})";
  }
};

// RFC 8037. OpenSSL keeps and reads the key, libsodium signs and verifies: nearly twice as fast, and it
// refuses signatures that are not canonical and keys of small order.
class EddsaKey final : public SigningKey::Impl {
 public:
  explicit EddsaKey(Pkey key) : EddsaKey(make_pair(key.get()), std::move(key)) {}
  base::Secret export_private() const override { return to_pkcs8(key_.get()); }
  std::string sign(std::string_view input) const override {
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(bytes(signature), nullptr, bytes(input), input.size(),
                         bytes(secret_.confidential_text()));
    return signature;
  }
  bool verify(std::string_view input, std::string_view signature) const override {
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(bytes(signature), bytes(input), input.size(), bytes(public_)) == 0;
  }

 private:
  struct Pair {
    std::string public_key;
    base::Secret secret_key;
  };
  EddsaKey(Pair pair, Pkey&& key)
      : Impl(SigningAlgorithm::eddsa,
             R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(pair.public_key) + R"("})"),
        key_(std::move(key)),
        public_(std::move(pair.public_key)),
        secret_(std::move(pair.secret_key)) {}

  static Pair make_pair(const EVP_PKEY* key) {
    std::string seed(crypto_sign_SEEDBYTES, '\0');
    std::size_t size = seed.size();
    check(EVP_PKEY_get_raw_private_key(key, bytes(seed), &size) == 1 && size == crypto_sign_SEEDBYTES,
          "EVP_PKEY_get_raw_private_key");
    std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
    std::string secret_key(crypto_sign_SECRETKEYBYTES, '\0');
    crypto_sign_seed_keypair(bytes(public_key), bytes(secret_key), bytes(seed));
    OPENSSL_cleanse(seed.data(), seed.size());
    return {std::move(public_key), base::Secret(std::move(secret_key))};
  }

  Pkey key_;
  std::string public_;
  base::Secret secret_;
};

class Hs256Key final : public SigningKey::Impl {
 public:
  explicit Hs256Key(base::Secret secret) : Impl(SigningAlgorithm::hs256, ""), secret_(std::move(secret)) {}
  base::Secret export_private() const override { return secret_; }
  std::string sign(std::string_view input) const override {
    const Sha256 mac = hmac_sha256(secret_.confidential_bytes(), input);
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
  }
  bool verify(std::string_view input, std::string_view signature) const override {
    return constant_time_equal(sign(input), signature);
  }

 private:
  base::Secret secret_;
};

std::shared_ptr<const SigningKey::Impl> make_hs256(base::Random& random) {
  std::array<std::byte, kMinHmacKeySize> raw;
  random.fill(raw);
  base::Secret secret(std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()));
  OPENSSL_cleanse(raw.data(), raw.size());
  return std::make_shared<Hs256Key>(std::move(secret));
}

Pkey generated(EVP_PKEY* key) {
  check(key != nullptr, "key generation");
  return Pkey(key);
}

}  // namespace

std::string_view to_string(SigningAlgorithm algorithm) {
  switch (algorithm) {
    case SigningAlgorithm::es256:
      return "ES256";
    case SigningAlgorithm::eddsa:
      return "EdDSA";
    case SigningAlgorithm::rs256:
      return "RS256";
    case SigningAlgorithm::hs256:
      return "HS256";
  }
  std::unreachable();
}

std::optional<SigningAlgorithm> parse_signing_algorithm(std::string_view name) {
  for (const auto algorithm :
       {SigningAlgorithm::es256, SigningAlgorithm::eddsa, SigningAlgorithm::rs256, SigningAlgorithm::hs256}) {
    if (name == to_string(algorithm)) return algorithm;
  }
  return std::nullopt;
}

SigningKey SigningKey::generate(SigningAlgorithm algorithm, base::Random& random) {
  switch (algorithm) {
    case SigningAlgorithm::es256:
      return SigningKey(std::make_shared<Es256Key>(generated(EVP_EC_gen("P-256"))));
    case SigningAlgorithm::eddsa:
      return SigningKey(
          std::make_shared<EddsaKey>(generated(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))));
    case SigningAlgorithm::rs256:
      return SigningKey(std::make_shared<Rs256Key>(generated(EVP_RSA_gen(kNewRsaBits))));
    case SigningAlgorithm::hs256:
      return SigningKey(make_hs256(random));
  }
  std::unreachable();
}

base::Result<SigningKey> SigningKey::import_private(SigningAlgorithm algorithm,
                                                    const base::Secret& exported) {
  const auto wrong = [&] {
    return base::fail(ErrorCode::internal_error,
                      "not a private key for " + std::string(to_string(algorithm)));
  };
  if (algorithm == SigningAlgorithm::hs256) {
    if (exported.size() < kMinHmacKeySize || exported.size() > kMaxHmacKeySize) return wrong();
    return SigningKey(std::make_shared<Hs256Key>(exported));
  }
  Pkey key = from_pkcs8(exported);
  if (key == nullptr) return wrong();
  switch (algorithm) {
    case SigningAlgorithm::es256:
      if (!is_p256(key.get())) return wrong();
      return SigningKey(std::make_shared<Es256Key>(std::move(key)));
    case SigningAlgorithm::eddsa:
      if (EVP_PKEY_is_a(key.get(), "ED25519") != 1) return wrong();
      return SigningKey(std::make_shared<EddsaKey>(std::move(key)));
    case SigningAlgorithm::rs256:
      if (!is_rsa(key.get())) return wrong();
      return SigningKey(std::make_shared<Rs256Key>(std::move(key)));
    case SigningAlgorithm::hs256:
      break;
  }
  std::unreachable();
}

SigningAlgorithm SigningKey::algorithm() const { return impl_->algorithm(); }
base::Secret SigningKey::export_private() const { return impl_->export_private(); }
const std::string& SigningKey::public_jwk_members() const { return impl_->public_jwk_members(); }
std::string SigningKey::sign(std::string_view signing_input) const { return impl_->sign(signing_input); }
bool SigningKey::verify(std::string_view signing_input, std::string_view signature) const {
  return impl_->verify(signing_input, signature);
}

}  // namespace latchkey::crypto
