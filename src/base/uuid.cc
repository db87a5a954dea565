#include "base/uuid.h"

namespace latchkey::base {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid Uuid::make_v7(Timestamp now, Random& random) {
  Uuid id;
  random.fill(std::span(id.bytes_).subspan(6));
  const auto ms = static_cast<std::uint64_t>(to_unix_ms(now));
  for (std::size_t i = 0; i < 6; ++i) id.bytes_[i] = static_cast<std::byte>(ms >> (40 - 8 * i));
  id.bytes_[6] = (id.bytes_[6] & std::byte{0x0f}) | std::byte{0x70};
  id.bytes_[8] = (id.bytes_[8] & std::byte{0x3f}) | std::byte{0x80};
  return id;
}

std::optional<Uuid> Uuid::parse_bytes(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  return Uuid(std::as_bytes(std::span<const char, 16>(bytes.data(), 16)));
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    id.bytes_[digits / 2] = (id.bytes_[digits / 2] << 4) | static_cast<std::byte>(value);
    ++digits;
  }
  return id;
}

std::string Uuid::to_string() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::byte byte : bytes_) {
    if (is_dash_position(at)) ++at;
    text[at++] = kHex[std::to_integer<unsigned>(byte >> 4)];
    text[at++] = kHex[std::to_integer<unsigned>(byte & std::byte{0x0f})];
  }
  return text;
}

}  // namespace latchkey::base
