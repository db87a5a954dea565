#include "storage/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "storage/migrations.h"

namespace latchkey::storage {
namespace {

using ::testing::HasSubstr;

constexpr Migration kKnown[] = {
    {1, "first", "CREATE 1"}, {2, "second", "CREATE 2"}, {3, "third", "CREATE 3"}};

std::vector<AppliedMigration> applied(std::size_t count) {
  std::vector<AppliedMigration> steps;
  for (const Migration& step : std::span(kKnown).first(count)) {
    steps.push_back({step.number, std::string(step.name), migration_checksum(step)});
  }
  return steps;
}

std::string refusal(std::span<const Migration> known, const std::vector<AppliedMigration>& steps) {
  const auto plan = plan_migrations(known, steps);
  if (plan) return "";
  EXPECT_EQ(plan.error().code, base::ErrorCode::storage_unavailable);
  return plan.error().message.value();
}

TEST(Migrator, plans_what_is_missing) {
  for (std::size_t have = 0; have <= 3; ++have) {
    const auto plan = plan_migrations(kKnown, applied(have));
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 3 - have);
    for (std::size_t i = 0; i < plan->size(); ++i) EXPECT_EQ((*plan)[i].number, have + i + 1);
  }
}

TEST(Migrator, refuses_a_newer_database) {
  const std::string message = refusal(std::span(kKnown).first(2), applied(3));
  EXPECT_THAT(message, HasSubstr("newer than this program"));
  EXPECT_THAT(message, HasSubstr("migration 3 (third)"));
}

TEST(Migrator, refuses_a_changed_step) {
  auto steps = applied(3);
  steps[1].checksum[0] = steps[1].checksum[0] == 'a' ? 'b' : 'a';
  EXPECT_THAT(refusal(kKnown, steps), HasSubstr("Migration 2"));
  steps = applied(3);
  steps[0].name = "other";
  EXPECT_THAT(refusal(kKnown, steps), HasSubstr("(other)"));
}

TEST(Migrator, refuses_a_gap) {
  auto steps = applied(3);
  steps.erase(steps.begin() + 1);
  EXPECT_THAT(refusal(kKnown, steps), HasSubstr("no record of migration 2"));
}

TEST(Migrator, embedded_steps_are_numbered_and_named) {
  std::set<std::string_view> names;
  std::uint32_t expected = 0;
  for (const Migration& step : sqlite_migrations()) {
    EXPECT_EQ(step.number, ++expected);
    EXPECT_TRUE(names.insert(step.name).second);
    EXPECT_FALSE(step.sql.empty());
  }
  EXPECT_GE(expected, 1u);
}

TEST(Migrator, checksum_is_sha256_of_the_text) {
  EXPECT_EQ(migration_checksum({1, "x", "abc"}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace latchkey::storage
