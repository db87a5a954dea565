// The accounts that the benchmarks sign in with: what latchkey-seed writes and latchkey-load and timing.py
// use.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::bench {

inline constexpr std::string_view kPassword = "violet-harbour-41-kettle";
inline constexpr std::string_view kAccountKind = "user";

// "user0000042@example.com"
inline std::string account_address(std::string_view kind, std::uint64_t number) {
  return fmt::format("{}{:07}@example.com", kind, number);
}

}  // namespace latchkey::bench
