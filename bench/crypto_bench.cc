// What the cryptographic steps of a request cost, one by one.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <thread>

#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/jws.h"
#include "crypto/password_hash.h"
#include "crypto/signing_key.h"

namespace latchkey::bench {
namespace {

// About as long as the claims of a real access token.
const std::string& claims() {
  static const std::string text =
      R"({"iss":"http://127.0.0.1:8484/auth/v1","sub":"01900000-0000-7000-8000-000000000001","aud":"authenticated",)"
      R"("exp":1700003600,"iat":1700000000,"jti":"01900000-0000-7000-8000-000000000002",)"
      R"("session_id":"01900000-0000-7000-8000-000000000003","role":"authenticated","email":"ada@example.com",)"
      R"("phone":"","aal":"aal1","amr":[{"method":"password","timestamp":1700000000}],"app_metadata":{},)"
      R"("user_metadata":{"full_name":"Ada Lovelace"},"is_anonymous":false})";
  return text;
}

int cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

// Shared by the threads of the benchmark, as the server's hash threads share theirs.
crypto::PasswordHasher& hasher() {
  static base::SystemRandom random;
  static crypto::PasswordHasher instance({}, {}, static_cast<unsigned>(cores()), random);
  return instance;
}

void password_verify(benchmark::State& state) {
  const base::Secret password(std::string("violet-harbour-41-kettle"));
  const auto stored = hasher().hash(password);
  for (auto _ : state) {
    benchmark::DoNotOptimize(hasher().verify(password, stored.confidential_text()));
  }
  state.SetLabel(std::string(hasher().implementation()));
}
BENCHMARK(password_verify)->Threads(cores())->UseRealTime()->Unit(benchmark::kMillisecond);

void jws_sign(benchmark::State& state, crypto::SigningAlgorithm algorithm) {
  base::SystemRandom random;
  const auto key = crypto::SigningKey::generate(algorithm, random);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::jws_encode(key, "a-key-id", claims()));
}
BENCHMARK_CAPTURE(jws_sign, es256, crypto::SigningAlgorithm::es256);
BENCHMARK_CAPTURE(jws_sign, eddsa, crypto::SigningAlgorithm::eddsa);
BENCHMARK_CAPTURE(jws_sign, rs256, crypto::SigningAlgorithm::rs256);
BENCHMARK_CAPTURE(jws_sign, hs256, crypto::SigningAlgorithm::hs256);

void jws_verify(benchmark::State& state, crypto::SigningAlgorithm algorithm) {
  base::SystemRandom random;
  const auto key = crypto::SigningKey::generate(algorithm, random);
  const auto token = crypto::jws_encode(key, "a-key-id", claims());
  for (auto _ : state) {
    const auto parts = crypto::jws_parse(token);
    if (!key.verify(parts->signing_input, parts->signature))
      state.SkipWithError("a signature did not verify");
  }
}
BENCHMARK_CAPTURE(jws_verify, es256, crypto::SigningAlgorithm::es256);
BENCHMARK_CAPTURE(jws_verify, eddsa, crypto::SigningAlgorithm::eddsa);
BENCHMARK_CAPTURE(jws_verify, rs256, crypto::SigningAlgorithm::rs256);
BENCHMARK_CAPTURE(jws_verify, hs256, crypto::SigningAlgorithm::hs256);

void sha256_of_a_token(benchmark::State& state) {
  const std::string token(900, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(token));
}
BENCHMARK(sha256_of_a_token);

void hmac_of_a_refresh_token(benchmark::State& state) {
  const std::string key(32, 'k'), token(21, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crypto::hmac_sha256(std::as_bytes(std::span(key)), token));
}
BENCHMARK(hmac_of_a_refresh_token);

}  // namespace
}  // namespace latchkey::bench

BENCHMARK_MAIN();
