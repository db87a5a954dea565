// base64url without padding (RFC 4648 section 5), strict in both directions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::crypto {

std::string base64url_encode(std::span<const std::byte> bytes);
std::string base64url_encode(std::string_view bytes);
// The bytes as a string. Nothing for any character outside the alphabet, padding, or non-zero spare bits, so
// that one value has exactly one text (a token cannot be changed without being noticed).
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace latchkey::crypto
