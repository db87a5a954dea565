// Bytes written as hexadecimal digits, as the RFCs print their test vectors.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace latchkey::crypto::testing {

// Blanks and line ends between the digits are skipped.
inline std::string from_hex(std::string_view digits) {
  std::string bytes;
  int high = -1;
  for (const char c : digits) {
    const std::size_t value = std::string_view("0123456789abcdef").find(c);
    if (value == std::string_view::npos) continue;
    if (high < 0) {
      high = static_cast<int>(value);
    } else {
      bytes.push_back(static_cast<char>(high * 16 + static_cast<int>(value)));
      high = -1;
    }
  }
  return bytes;
}

inline std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace latchkey::crypto::testing
