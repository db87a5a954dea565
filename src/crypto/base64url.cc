#include "crypto/base64url.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace latchkey::crypto {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Two characters for each 12-bit value, so that three bytes cost two look-ups.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}();

// Any value that no six bits have; it survives being shifted into place and joined with others.
constexpr std::uint32_t kInvalid = 0x80000000;

// The value of a character as the first, second, third or fourth of its group, already shifted into place.
using DecodeTable = std::array<std::uint32_t, 256>;
constexpr DecodeTable make_decode_table(unsigned shift) {
  DecodeTable table{};
  table.fill(kInvalid);
  for (std::uint32_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(kAlphabet[i])] = i << shift;
  return table;
}
constexpr DecodeTable kFirst = make_decode_table(18);
constexpr DecodeTable kSecond = make_decode_table(12);
constexpr DecodeTable kThird = make_decode_table(6);
constexpr DecodeTable kFourth = make_decode_table(0);

}  // namespace

std::string base64url_encode(std::span<const std::byte> bytes) {
  const std::size_t whole = bytes.size() / 3;
  const std::size_t rest = bytes.size() % 3;
  const std::size_t size = whole * 4 + (rest == 0 ? 0 : rest + 1);
  std::string text;
  text.resize_and_overwrite(size, [&](char* out, std::size_t /* may be more than was asked for */) {
    const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
    for (std::size_t i = 0; i < whole; ++i, in += 3, out += 4) {
      const unsigned group = (unsigned{in[0]} << 16) | (unsigned{in[1]} << 8) | in[2];
      std::memcpy(out, kPairs[group >> 12].data(), 2);
      std::memcpy(out + 2, kPairs[group & 4095].data(), 2);
    }
    if (rest == 1) {
      std::memcpy(out, kPairs[unsigned{in[0]} << 4].data(), 2);
    } else if (rest == 2) {
      const unsigned group = (unsigned{in[0]} << 16) | (unsigned{in[1]} << 8);
      std::memcpy(out, kPairs[group >> 12].data(), 2);
      out[2] = kAlphabet[(group >> 6) & 63];
    }
    return size;
  });
  return text;
}

std::string base64url_encode(std::string_view bytes) {
  return base64url_encode(std::as_bytes(std::span(bytes)));
}

std::optional<std::string> base64url_decode(std::string_view text) {
  const std::size_t whole = text.size() / 4;
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::uint32_t all = 0;  // collects kInvalid, and spare bits that are not zero
  const std::size_t size = whole * 3 + (rest == 0 ? 0 : rest - 1);
  std::string bytes;
  bytes.resize_and_overwrite(size, [&](char* out, std::size_t) {
    const auto* in = reinterpret_cast<const unsigned char*>(text.data());
    for (std::size_t i = 0; i < whole; ++i, in += 4, out += 3) {
      const std::uint32_t group = kFirst[in[0]] | kSecond[in[1]] | kThird[in[2]] | kFourth[in[3]];
      all |= group & kInvalid;
      out[0] = static_cast<char>(group >> 16);
      out[1] = static_cast<char>(group >> 8);
      out[2] = static_cast<char>(group);
    }
    if (rest != 0) {
      const std::uint32_t group = kFirst[in[0]] | kSecond[in[1]] | (rest == 3 ? kThird[in[2]] : 0);
      all |= group & (rest == 3 ? kInvalid | 0xff : kInvalid | 0xffff);
      out[0] = static_cast<char>(group >> 16);
      if (rest == 3) out[1] = static_cast<char>(group >> 8);
    }
    return size;
  });
  if (all != 0) return std::nullopt;
  return bytes;
}

}  // namespace latchkey::crypto
