#include "domain/event.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::domain {
namespace {

TEST(EventType, StoredNumbersReadBackAndNamesDiffer) {
  std::set<std::string_view> names;
  for (std::int64_t stored = 1; stored <= 14; ++stored) {
    const auto type = parse_event_type(stored);
    ASSERT_TRUE(type) << stored;
    EXPECT_EQ(static_cast<std::int64_t>(*type), stored);
    names.insert(to_string(*type));
  }
  EXPECT_EQ(names.size(), 14U);
  EXPECT_EQ(to_string(EventType::refresh_token_reused), "refresh_token_reused");
}

TEST(EventType, OtherNumbersAreNone) {
  for (const std::int64_t stored : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{15}, std::int64_t{255},
                                    std::int64_t{257}, std::int64_t{1} << 40}) {
    EXPECT_FALSE(parse_event_type(stored)) << stored;
  }
}

}  // namespace
}  // namespace latchkey::domain
