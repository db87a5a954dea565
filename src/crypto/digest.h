// SHA-256, HMAC-SHA-256, HKDF, a keyed hash for tables, and constant-time comparison.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/secret.h"

namespace latchkey::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(std::string_view data);
// RFC 2104. `key` may be of any length; 32 bytes is what Latchkey uses.
Sha256 hmac_sha256(std::span<const std::byte> key, std::string_view data);
// RFC 5869 with SHA-256, no salt: `length` bytes (1 to 255 * 32) bound to `purpose`.
base::Secret hkdf_sha256(const base::Secret& key, std::string_view purpose, std::size_t length);

using HashKey = std::array<std::byte, 16>;
// SipHash-2-4 under a random key of the process: for tables of untrusted texts, so that nobody outside can
// choose texts that collide. Not a MAC.
std::uint64_t keyed_hash(const HashKey& key, std::string_view data);

// True when both are equal; the time depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace latchkey::crypto
