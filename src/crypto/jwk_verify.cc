#include "crypto/jwk_verify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <memory>

#include "crypto/base64url.h"

namespace latchkey::crypto {
namespace {

template <class T, void (*Free)(T*)>
struct FreeWith {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, FreeWith<T, Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Number = Owned<BIGNUM, BN_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kLargestModulus = 2048;  // bytes

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view text) {
  return Number(BN_bin2bn(bytes(text), static_cast<int>(text.size()), nullptr));
}

Key make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

Key rsa_key(const PublicJwk& jwk) {
  const auto n = base64url_decode(jwk.n);
  const auto e = base64url_decode(jwk.e);
  if (!n || !e || n->empty() || e->empty() || n->size() > kLargestModulus || e->size() > 8) return nullptr;
  const Number modulus = number(*n);
  const Number exponent = number(*e);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

Key ec_key(const PublicJwk& jwk, std::size_t size) {
  const auto x = base64url_decode(jwk.x);
  const auto y = base64url_decode(jwk.y);
  if (!x || !y || x->size() != size || y->size() != size) return nullptr;
  const std::string point = "\x04" + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, jwk.crv.c_str(), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return nullptr;
  }
  return make_key("EC", builder.get());
}

// r and s after each other as the DER that OpenSSL wants; empty when they are no such thing.
std::string ecdsa_der(std::string_view signature, std::size_t size) {
  if (signature.size() != 2 * size) return {};
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  Number r = number(signature.substr(0, size));
  Number s = number(signature.substr(size));
  if (ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // belong to the pair now
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

const EVP_MD* digest_of(std::string_view alg) {
  if (alg.ends_with("256")) return EVP_sha256();
  if (alg.ends_with("384")) return EVP_sha384();
  if (alg.ends_with("512")) return EVP_sha512();
  return nullptr;
}

bool verify(EVP_PKEY* key, const EVP_MD* digest, bool is_pss, std::string_view input,
            std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // belongs to the context
  if (EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key) != 1) return false;
  if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(input), input.size()) == 1;
}

}  // namespace

std::optional<bool> verify_with_jwk(const PublicJwk& jwk, std::string_view alg,
                                    std::string_view signing_input, std::string_view signature) {
  if (jwk.kty == "RSA" && (alg.starts_with("RS") || alg.starts_with("PS"))) {
    const EVP_MD* digest = digest_of(alg);
    const Key key = rsa_key(jwk);
    if (digest == nullptr || !key) return std::nullopt;
    return verify(key.get(), digest, alg.starts_with("PS"), signing_input, signature);
  }
  if (jwk.kty == "EC" && ((alg == "ES256" && jwk.crv == "P-256") || (alg == "ES384" && jwk.crv == "P-384"))) {
    const std::size_t size = alg == "ES256" ? 32 : 48;
    const Key key = ec_key(jwk, size);
    if (!key) return std::nullopt;
    const std::string der = ecdsa_der(signature, size);
    return !der.empty() && verify(key.get(), digest_of(alg), false, signing_input, der);
  }
  if (jwk.kty == "OKP" && jwk.crv == "Ed25519" && (alg == "EdDSA" || alg == "Ed25519")) {
    const auto x = base64url_decode(jwk.x);
    if (!x || x->size() != 32) return std::nullopt;
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*x), x->size()));
    if (!key) return std::nullopt;
    return verify(key.get(), nullptr, false, signing_input, signature);
  }
  return std::nullopt;
}

}  // namespace latchkey::crypto
