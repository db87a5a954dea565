// Events: appended, read from the newest back, purged from the oldest on.
#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using domain::Event;
using domain::EventId;
using domain::EventType;
using domain::Tx;

void expect_same(const Event& actual, const Event& expected) {
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.type, expected.type);
  EXPECT_EQ(actual.at, expected.at);
  EXPECT_EQ(actual.user_id, expected.user_id);
  EXPECT_EQ(actual.session_id, expected.session_id);
  EXPECT_EQ(actual.ip, expected.ip);
  EXPECT_EQ(actual.detail, expected.detail);
}

std::vector<EventId> ids_of(const std::vector<Event>& events) {
  std::vector<EventId> ids;
  for (const Event& event : events) ids.push_back(event.id);
  return ids;
}

TEST_P(EventContract, event_comes_back_as_it_was_appended) {
  Event full = make_event(EventType::refresh_token_reused, domain::UserId::make(now(), random_));
  full.session_id = domain::SessionId::make(now(), random_);
  full.detail = "counter 3 of 7";
  clock_.advance(base::Seconds(1));
  Event bare = make_event(EventType::keys_rotated);
  bare.ip.clear();
  write([&](Tx& tx) {
    tx.events().append(full);
    tx.events().append(bare);
  });
  const auto events = read([](const Tx& tx) { return tx.events().list(std::nullopt, {}); });
  ASSERT_EQ(events.size(), 2u);
  expect_same(events[0], bare);
  expect_same(events[1], full);
}

TEST_P(EventContract, every_type_can_be_stored) {
  constexpr int kTypes = 14;
  for (int i = 1; i <= kTypes; ++i) {
    const auto type = domain::parse_event_type(i);
    ASSERT_TRUE(type.has_value());
    write([&](Tx& tx) { tx.events().append(make_event(*type)); });
  }
  EXPECT_EQ(read([](const Tx& tx) { return tx.events().list(std::nullopt, {}).size(); }),
            std::size_t{kTypes});
}

TEST_P(EventContract, pages_go_from_newest_to_oldest_also_of_one_person) {
  const domain::UserId ada = domain::UserId::make(now(), random_);
  const domain::UserId bob = domain::UserId::make(now(), random_);
  std::vector<EventId> all, of_ada;
  for (int i = 0; i < 9; ++i) {
    const Event event = make_event(EventType::user_signed_in, i % 2 == 0 ? ada : bob);
    write([&](Tx& tx) { tx.events().append(event); });
    all.insert(all.begin(), event.id);
    if (i % 2 == 0) of_ada.insert(of_ada.begin(), event.id);
    clock_.advance(base::Milliseconds(1));
  }
  const auto pages = [&](std::optional<domain::UserId> user_id) {
    std::vector<EventId> listed;
    domain::Page<EventId> page{.after = {}, .limit = 2};
    for (;;) {
      const auto ids = ids_of(read([&](const Tx& tx) { return tx.events().list(user_id, page); }));
      if (ids.empty()) return listed;
      EXPECT_LE(ids.size(), 2u);
      listed.insert(listed.end(), ids.begin(), ids.end());
      page.after = ids.back();
    }
  };
  EXPECT_EQ(pages(std::nullopt), all);
  EXPECT_EQ(pages(ada), of_ada);
  EXPECT_TRUE(pages(domain::UserId::make(now(), random_)).empty());
}

TEST_P(EventContract, purge_takes_the_oldest_in_bounded_batches) {
  for (int i = 0; i < 10; ++i) {
    write([&](Tx& tx) { tx.events().append(make_event(EventType::login_failed)); });
    clock_.advance(base::Seconds(1));
  }
  const base::Timestamp before = now() - base::Seconds(3);  // the last three stay
  const auto purge = [&] {
    return store_
        ->transact([&](Tx& tx) -> base::Result<std::uint64_t> { return tx.events().purge(before, 4); })
        .value();
  };
  EXPECT_EQ(purge(), 4u);
  EXPECT_EQ(purge(), 3u);
  EXPECT_EQ(purge(), 0u);
  const auto left = read([](const Tx& tx) { return tx.events().list(std::nullopt, {}); });
  ASSERT_EQ(left.size(), 3u);
  for (const Event& event : left) EXPECT_GE(event.at, before);
}

}  // namespace
}  // namespace latchkey::storage::contract
