#include "crypto/signing_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/testing/fakes.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/testing/hex.h"

namespace latchkey::crypto {
namespace {

using base::Secret;
using enum SigningAlgorithm;

// Keys and signatures that RFC 7515 (appendix A.1 to A.3) and RFC 8037 (appendix A) publish, the keys as
// PKCS#8.
constexpr std::string_view kHmacSecret =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr std::string_view kRsaPkcs8 =
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh-BYK4uPJtGXOjS1lYmM2K5J9vinh8CR3_BYlzJChNuOL2TSX"
    "xbbqY913EeZ8dCn5VrD7io8ImtxLaYk8wTM_U-3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNnjuygxmj3"
    "AbONv_s4yDQs4v5tJ_reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKj"
    "lnAqH2QbgtPr8jkiGUkftoaHLFcW9Qr4NY2ai50Xw0Byj3-H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHgVFbK5emhAgMBAAEC"
    "ggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe"
    "46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanr"
    "C4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneuf"
    "uBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0KpLttoLhyt3SmqdEf_kgHePDdtzEafpAu"
    "-cS191R2JiuoF2yzWXnwFDcqGigp5BNr0AHQfD8_Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqElMGA"
    "g-C2V0L4oNXnP7LZcPAZRwKBgQC5A8R-CZW2MvRTLLHzwZkUXV866cff7tx6kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7"
    "vMVgePsLq6XtON4tB5kP9jAPrq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS_l1OW1EnXUEoEHKl54Xrrz2uNwkgMTP1FZ1wKB"
    "gAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7_Ls5bkUp5u9SN0Ai3Ya6hNnvWJMb7sXQX6U_zyO2M_hTip7tUeh7CXgw"
    "o59dkpN75gJLVds29-DAncu3KXU4f2Fa-7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf_evpitUf-4JYbLpvNXWcY"
    "052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcGyoAe9fa65iNqCq-jdw6PVNGo2hxfjSiZ8IIzHdsPXI89__pMjZcQK9r-"
    "CCoRjaZjOYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9s"
    "QLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A56"
    "03k2-ZQwVK0JKSHuLFkuQ3U";

constexpr std::string_view kEcPkcs8 =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LKhRANCAAR_"
    "zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt";

constexpr std::string_view kEdPkcs8 = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v_VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

constexpr std::string_view kPayload =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kHmacSignature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr std::string_view kEdSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
constexpr std::string_view kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9"
    "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
    "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
    "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

std::string decoded(std::string_view text) { return base64url_decode(text).value(); }

SigningKey imported(SigningAlgorithm algorithm, std::string_view text) {
  return SigningKey::import_private(algorithm, Secret(decoded(text))).value();
}

TEST(SigningKeyRfc, hs256_rfc_7515_a1) {
  const SigningKey key = imported(hs256, kHmacSecret);
  const std::string input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + std::string(kPayload);
  EXPECT_EQ(base64url_encode(key.sign(input)), kHmacSignature);
  EXPECT_TRUE(key.verify(input, decoded(kHmacSignature)));
  EXPECT_EQ(key.public_jwk_members(), "");
}

TEST(SigningKeyRfc, rs256_rfc_7515_a2) {
  const SigningKey key = imported(rs256, kRsaPkcs8);
  const std::string input = "eyJhbGciOiJSUzI1NiJ9" + std::string(kPayload);
  EXPECT_EQ(base64url_encode(key.sign(input)), kRsaSignature);
  EXPECT_TRUE(key.verify(input, decoded(kRsaSignature)));
  EXPECT_TRUE(key.public_jwk_members().starts_with(
      R"({"e":"AQAB","kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-)"))
      << key.public_jwk_members();
}

TEST(SigningKeyRfc, es256_rfc_7515_a3) {
  const SigningKey key = imported(es256, kEcPkcs8);
  const std::string input = "eyJhbGciOiJFUzI1NiJ9" + std::string(kPayload);
  EXPECT_TRUE(key.verify(input, decoded(kEcSignature)));
  EXPECT_EQ(key.public_jwk_members(),
            R"({"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
}

TEST(SigningKeyRfc, eddsa_rfc_8037_a4) {
  const SigningKey key = imported(eddsa, kEdPkcs8);
  const std::string_view input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  EXPECT_EQ(base64url_encode(key.sign(input)), kEdSignature);
  EXPECT_TRUE(key.verify(input, decoded(kEdSignature)));
  EXPECT_EQ(key.public_jwk_members(),
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  EXPECT_EQ(base64url_encode(sha256(key.public_jwk_members())),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

class SigningKeyTest : public ::testing::TestWithParam<SigningAlgorithm> {
 protected:
  // One each, because RSA takes a while.
  static const SigningKey& key() { return key_of(GetParam()); }
  static const SigningKey& key_of(SigningAlgorithm algorithm) {
    static base::SystemRandom random;
    static const std::vector<SigningKey> keys = {
        SigningKey::generate(es256, random), SigningKey::generate(eddsa, random),
        SigningKey::generate(rs256, random), SigningKey::generate(hs256, random)};
    return *std::ranges::find(keys, algorithm, &SigningKey::algorithm);
  }
};

TEST_P(SigningKeyTest, verifies_what_it_signed) {
  for (const std::string_view input : {"", "a.b", "header.payload"}) {
    const std::string signature = key().sign(input);
    EXPECT_TRUE(key().verify(input, signature));
    EXPECT_FALSE(key().verify(std::string(input) + "x", signature));
  }
}

TEST_P(SigningKeyTest, signature_has_the_length_of_its_algorithm) {
  const std::size_t size = key().sign("input").size();
  EXPECT_EQ(size, GetParam() == rs256 ? 384u : GetParam() == hs256 ? 32u : 64u);
}

TEST_P(SigningKeyTest, refuses_a_changed_signature) {
  const std::string signature = key().sign("input");
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] ^= 4;
    EXPECT_FALSE(key().verify("input", changed)) << i;
  }
}

TEST_P(SigningKeyTest, refuses_a_signature_of_another_length) {
  const std::string signature = key().sign("input");
  EXPECT_FALSE(key().verify("input", ""));
  EXPECT_FALSE(key().verify("input", signature.substr(1)));
  EXPECT_FALSE(key().verify("input", signature + '\0'));
  EXPECT_FALSE(key().verify("input", std::string(1, '\0') + signature));
  EXPECT_FALSE(key().verify("input", signature + signature));
}

TEST_P(SigningKeyTest, refuses_signatures_of_zeros_and_ones) {
  const std::size_t size = key().sign("input").size();
  EXPECT_FALSE(key().verify("input", std::string(size, '\0')));
  EXPECT_FALSE(key().verify("input", std::string(size, '\xff')));
}

TEST_P(SigningKeyTest, comes_back_from_its_export) {
  const Secret exported = key().export_private();
  const SigningKey again = SigningKey::import_private(GetParam(), exported).value();
  EXPECT_EQ(again.algorithm(), GetParam());
  EXPECT_EQ(again.public_jwk_members(), key().public_jwk_members());
  EXPECT_EQ(again.export_private().confidential_text(), exported.confidential_text());
  EXPECT_TRUE(key().verify("input", again.sign("input")));
  EXPECT_TRUE(again.verify("input", key().sign("input")));
}

TEST_P(SigningKeyTest, keys_are_not_taken_for_another_algorithm) {
  for (const auto other : {es256, eddsa, rs256, hs256}) {
    if (other == GetParam()) continue;
    // Any bytes of that length are an HMAC secret, so nothing tells an Ed25519 PKCS#8 key from one.
    if (other == hs256) continue;
    const auto result = SigningKey::import_private(other, key().export_private());
    ASSERT_FALSE(result) << to_string(other);
    EXPECT_EQ(result.error().code, base::ErrorCode::internal_error);
  }
}

TEST_P(SigningKeyTest, refuses_damaged_exports) {
  if (GetParam() == hs256) {
    for (const std::size_t size : {0u, 16u, 31u, 1025u}) {
      EXPECT_FALSE(SigningKey::import_private(hs256, Secret(std::string(size, 'k'))));
    }
    return;
  }
  const Secret exported = key().export_private();
  const std::string der(exported.confidential_text());
  EXPECT_FALSE(SigningKey::import_private(GetParam(), Secret()));
  EXPECT_FALSE(SigningKey::import_private(GetParam(), Secret(der.substr(0, der.size() - 1))));
  EXPECT_FALSE(SigningKey::import_private(GetParam(), Secret(der + '\0')));
  EXPECT_FALSE(SigningKey::import_private(GetParam(), Secret(std::string(der.size(), 'x'))));
}

TEST_P(SigningKeyTest, works_on_many_threads_at_once) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const SigningKey copy = key();
      for (int j = 0; j < 20; ++j) {
        const std::string input = std::to_string(i) + "." + std::to_string(j);
        EXPECT_TRUE(copy.verify(input, copy.sign(input)));
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, SigningKeyTest, ::testing::Values(es256, eddsa, rs256, hs256),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(SigningKey, new_keys_differ) {
  base::SystemRandom random;
  for (const auto algorithm : {es256, eddsa, hs256}) {
    const SigningKey one = SigningKey::generate(algorithm, random);
    const SigningKey two = SigningKey::generate(algorithm, random);
    EXPECT_FALSE(two.verify("input", one.sign("input")));
  }
}

// The numbers r and s are 32 bytes each even when they are small, about one signature in 128.
TEST(SigningKey, es256_signatures_always_have_64_bytes) {
  const SigningKey key = imported(es256, kEcPkcs8);
  bool short_number = false;
  for (int i = 0; i < 2000; ++i) {
    const std::string signature = key.sign(std::to_string(i));
    ASSERT_EQ(signature.size(), 64u);
    if (signature[0] != 0 && signature[32] != 0) continue;
    short_number = true;
    EXPECT_TRUE(key.verify(std::to_string(i), signature));
  }
  EXPECT_TRUE(short_number);
}

TEST(SigningKey, es256_refuses_numbers_outside_the_group) {
  const SigningKey key = imported(es256, kEcPkcs8);
  const std::string good = key.sign("input");
  const std::string order =
      testing::from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string zero(32, '\0');
  EXPECT_FALSE(key.verify("input", zero + good.substr(32)));
  EXPECT_FALSE(key.verify("input", good.substr(0, 32) + zero));
  EXPECT_FALSE(key.verify("input", order + good.substr(32)));
  EXPECT_FALSE(key.verify("input", good.substr(0, 32) + order));
}

TEST(SigningKey, refuses_short_rsa_keys_and_other_curves) {
  // RSA of 1024 bits, and an EC key on secp256k1.
  constexpr std::string_view kShortRsa =
      "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAORGTS2rDcZv_zZGk_p-laYBalRvQAE15KryUNBr2C_5KpOGMGeH"
      "CpnL5Khqv1fpzlItvd60Ek6Pv62MHNcEEvf97MWM5nl4QBZP2QcOqVgcf3YlHpk64uEdaWbao7F4_gahiXpw48Z5AkGHThCSzyHD"
      "dkohqAVjtxa1TTHs3fdbAgMBAAECgYEAzJmGS0xpiFaRtKAFuhsDHktedldQUsVvMxkE_gnrNvRpCNjZQbFz-u0ZASrMXYud9WIy"
      "MA3N6sRE1NQkdUOdix-bv5NntgZXB1TtsY-t8REckTpbcEH2oNJ-huqSsOEdQoian36hNZUw74cL28xQCZVBieAo5vNK6ZOo6mig"
      "kCECQQD0Bxrsj8aXOuMxpgbg9rcOqKHaE0JqRWj64ktOsjDmF5pFaW9zpV1k5gLbdyZiJKsgX68yJ08-UL2Ru6zNLSY9AkEA73lX"
      "yiDKWhqHs649SrDLoQRNFuHxPt1dmOqbjPKM87Hh6xGXOvPib1enCo3pVcxhGhsE_TFcind_jK1Va8oFdwJAeR9BtONULeITvKPs"
      "zCKJD-SRmV1v3LGg_s3tlR0K-loCv6sqn5sXtSoZhvcn_RS4P7RekCVExuhqf3hIt_pN_QJAK2Q-TwbAA7GY8yrYOkdsrkFcQpAw"
      "KWbtBb9E7jYo6iNKP1DRqUH1vp0QTG5IYF6HHbbVoZcnIIPknbXuq3hQowJBAJHUdW7t3pZJ8PG2g-N3Pb9j72aGmjal_Vc18iBf"
      "5zfF1ir4IWlDLr-L3DoJC7LjSMGa5vnaWtA3ClKLtqoNxts";
  constexpr std::string_view kOtherCurve =
      "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgMnqPQYlMgH6p_EKNY14scHUyc3QZu1vMhGssI8FvSXihRANCAAQYRUKc"
      "zc3wB5r5fFxab0lDhG_A1C3HPz0HZUjR8pUxIc70ORe0mEp5ZLcANw6WjCv50ZOq9UAXSq59T-nUms8g";
  EXPECT_FALSE(SigningKey::import_private(rs256, Secret(decoded(kShortRsa))));
  EXPECT_FALSE(SigningKey::import_private(es256, Secret(decoded(kOtherCurve))));
}

TEST(SigningKey, algorithm_names_are_exact) {
  for (const auto algorithm : {es256, eddsa, rs256, hs256}) {
    EXPECT_EQ(parse_signing_algorithm(to_string(algorithm)), algorithm);
  }
  for (const auto name : {"", "none", "None", "es256", "EDDSA", "RS512", "ES256 ", "HS384"}) {
    EXPECT_FALSE(parse_signing_algorithm(name)) << name;
  }
}

}  // namespace
}  // namespace latchkey::crypto
