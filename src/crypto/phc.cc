#include "crypto/phc.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace latchkey::crypto {
namespace {

constexpr std::size_t kMaxTextSize = 256;
constexpr std::size_t kMinSaltSize = 8;
constexpr std::size_t kMaxSaltSize = 64;
constexpr std::size_t kMinTagSize = 16;
constexpr std::size_t kMaxTagSize = 64;
constexpr std::uint32_t kMaxLanes = 16;
constexpr std::uint32_t kMinBcryptCost = 4;
constexpr std::size_t kBcryptSize = 60;
constexpr std::uint32_t kMaxScryptR = 64;

// Takes a text apart from its front. The first thing that does not fit ends it: from then on nothing fits.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool skip(std::string_view expected) {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
    return good_;
  }
  // A decimal number of at least 1, written in the one shortest way.
  std::uint32_t number() {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    good_ = good_ && error == std::errc() && rest_.front() != '0';
    if (!good_) return 0;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  // Standard base64 without padding up to the next '$' or the end.
  std::string base64(std::size_t min_size, std::size_t max_size) {
    const std::string_view text = rest_.substr(0, rest_.find('$'));
    std::string bytes(max_size, '\0');
    std::size_t size = 0;
    good_ = good_ && sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, nullptr,
                                       sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
    good_ = good_ && size >= min_size;
    if (!good_) return {};
    rest_.remove_prefix(text.size());
    bytes.resize(size);
    return bytes;
  }
  // True when all was read and all of it fitted.
  bool is_done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  text.pop_back();  // libsodium's zero at the end
  return text;
}

std::optional<StoredHash> parse_argon2(Reader reader, Argon2Type type, const PasswordHashLimits& limits) {
  Argon2Hash hash{.input = {.type = type, .salt = {}, .secret = {}, .associated_data = {}}, .tag = {}};
  Argon2Input& input = hash.input;
  reader.skip("v=19$m=");
  input.memory_kib = reader.number();
  reader.skip(",t=");
  input.iterations = reader.number();
  reader.skip(",p=");
  input.lanes = reader.number();
  reader.skip("$");
  input.salt = reader.base64(kMinSaltSize, kMaxSaltSize);
  reader.skip("$");
  hash.tag = reader.base64(kMinTagSize, kMaxTagSize);
  if (!reader.is_done() || input.lanes > kMaxLanes || input.memory_kib < 8 * input.lanes ||
      input.memory_kib > limits.max_memory_kib || input.iterations > limits.max_iterations) {
    return std::nullopt;
  }
  return hash;
}

std::optional<StoredHash> parse_bcrypt(std::string_view text, const PasswordHashLimits& limits) {
  constexpr std::string_view kAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (text.size() != kBcryptSize || text[6] != '$' ||
      text.find_first_not_of(kAlphabet, 7) != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint32_t cost = 0;
  const auto [end, error] = std::from_chars(text.data() + 4, text.data() + 6, cost);
  if (error != std::errc() || end != text.data() + 6 || cost < kMinBcryptCost ||
      cost > limits.max_bcrypt_cost) {
    return std::nullopt;
  }
  return BcryptHash{.cost = cost, .text = std::string(text)};
}

// Memory is 128 * r * N. The work of further lanes counts like memory, so that p cannot multiply what a hash
// costs.
bool is_within(const ScryptHash& hash, const PasswordHashLimits& limits) {
  if (hash.log2_n > 30 || hash.r > kMaxScryptR || hash.p > kMaxLanes) return false;
  const std::uint64_t bytes = (std::uint64_t{128} << hash.log2_n) * hash.r * hash.p;
  return bytes <= std::uint64_t{limits.max_scrypt_memory_kib} * 1024;
}

std::optional<StoredHash> parse_scrypt(Reader reader, const PasswordHashLimits& limits) {
  ScryptHash hash;
  reader.skip("ln=");
  hash.log2_n = reader.number();
  reader.skip(",r=");
  hash.r = reader.number();
  reader.skip(",p=");
  hash.p = reader.number();
  reader.skip("$");
  hash.salt = reader.base64(kMinSaltSize, kMaxSaltSize);
  reader.skip("$");
  hash.tag = reader.base64(kMinTagSize, kMaxTagSize);
  if (!reader.is_done() || !is_within(hash, limits)) return std::nullopt;
  return hash;
}

}  // namespace

std::optional<StoredHash> parse_stored_hash(std::string_view confidential_text,
                                            const PasswordHashLimits& limits) {
  // libsodium's base64 takes some bytes beyond ASCII for letters.
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (confidential_text.size() > kMaxTextSize || !std::ranges::all_of(confidential_text, is_ascii)) {
    return std::nullopt;
  }
  Reader reader(confidential_text);
  const auto starts_with = [&](std::string_view prefix) {
    return confidential_text.starts_with(prefix) && reader.skip(prefix);
  };
  if (starts_with("$argon2id$")) return parse_argon2(reader, Argon2Type::id, limits);
  if (starts_with("$argon2i$")) return parse_argon2(reader, Argon2Type::i, limits);
  if (starts_with("$scrypt$")) return parse_scrypt(reader, limits);
  for (const std::string_view prefix : {"$2a$", "$2b$", "$2y$"}) {
    if (starts_with(prefix)) return parse_bcrypt(confidential_text, limits);
  }
  return std::nullopt;
}

std::string format_argon2(const Argon2Hash& hash) {
  return fmt::format("${}$v=19$m={},t={},p={}${}${}",
                     hash.input.type == Argon2Type::id ? "argon2id" : "argon2i", hash.input.memory_kib,
                     hash.input.iterations, hash.input.lanes, base64(hash.input.salt), base64(hash.tag));
}

}  // namespace latchkey::crypto
