// The accounts that the benchmarks sign in with: what latchkey-seed writes and latchkey-load and run.py use.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::bench {

inline constexpr std::string_view kPassword = "violet-harbour-41-kettle";

// "user0000042@example.com"
inline std::string account_email(std::uint64_t number) {
  return fmt::format("user{:07}@example.com", number);
}

}  // namespace latchkey::bench
