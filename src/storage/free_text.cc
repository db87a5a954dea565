#include "storage/free_text.h"

#include <algorithm>

namespace latchkey::storage {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// Length of the character at `at`; zero when there is none (RFC 3629 section 4).
std::size_t character_length(std::string_view text, std::size_t at) {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) return 0;
  const unsigned char second = byte_at(text, at + 1);
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (second < least || second > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string_view storable_text(std::string_view text, std::string& room) {
  const auto is_plain = [](char c) { return static_cast<signed char>(c) > 0; };
  if (std::ranges::all_of(text, is_plain)) return text;
  room = text;
  for (std::size_t at = 0; at < room.size();) {
    const std::size_t length = character_length(room, at);
    if (length == 0) room[at] = '?';
    at += std::max<std::size_t>(length, 1);
  }
  return room;
}

}  // namespace latchkey::storage
