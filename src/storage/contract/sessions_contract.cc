// Sessions: one row each, rotated by one conditional update, ended once, purged when over.
#include <atomic>
#include <barrier>
#include <thread>

#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using base::Seconds;
using domain::Session;
using domain::SessionEnd;
using domain::SessionId;
using domain::SessionRotation;
using domain::Tx;
using domain::User;

// The value of one call of the session repository in a transaction of its own.
template <class Work>
auto in_transaction(domain::Store& store, Work work) {
  using R = decltype(work(std::declval<domain::SessionRepository&>()));
  return store.transact([&](Tx& tx) -> base::Result<R> { return work(tx.sessions()); }).value();
}

TEST_P(SessionContract, session_comes_back_as_it_was_stored) {
  const User user = add_user("ada");
  const Session plain = add_session(user);
  Session full = make_session(user);
  full.refresh_counter = 4'000'000'000;
  full.successor_seen = false;
  full.refreshed_at += Seconds(1);
  full.ended_at = now() + Seconds(2);
  full.ended_by = SessionEnd::refresh_reused;
  full.user_agent = std::string(domain::kMaxUserAgentBytes, 'u');
  full.ip = "2001:db8::1";
  full.method = "otp";
  Session empty = make_session(user);
  empty.user_agent.clear();
  empty.ip.clear();
  write([&](Tx& tx) {
    tx.sessions().insert(full);
    tx.sessions().insert(empty);
  });
  expect_same(find_session(plain.id).value(), plain);
  expect_same(find_session(full.id).value(), full);
  expect_same(find_session(empty.id).value(), empty);
  EXPECT_FALSE(find_session(SessionId::make(now(), random_)));
}

TEST_P(SessionContract, a_session_comes_with_its_user) {
  User user = make_user("ada");
  user.user_metadata = base::JsonObjectText::make_trusted(R"({"name":"Ada"})");
  user.last_sign_in_at = now();
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  add_session(add_user("bob"));
  const Session session = add_session(user);
  const auto found = read([&](const Tx& tx) { return tx.sessions().find_with_user(session.id); });
  expect_same(found.value().session, session);
  expect_same(found.value().user, user);
  const auto locked = in_transaction(*store_, [&](auto& all) { return all.lock_with_user(session.id); });
  expect_same(locked.value().session, session);
  expect_same(locked.value().user, user);
  const SessionId unknown = SessionId::make(now(), random_);
  EXPECT_FALSE(read([&](const Tx& tx) { return tx.sessions().find_with_user(unknown); }));
  EXPECT_FALSE(in_transaction(*store_, [&](auto& all) { return all.lock_with_user(unknown); }));
}

TEST_P(SessionContract, a_locked_session_waits_for_nobody_and_others_wait_for_it) {
  const Session session = add_session(add_user("ada"));
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  // Each adds one to what it found; without the lock some would add to the same number.
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kEach; ++k) {
        const auto rotated = store_->transact([&](Tx& tx) -> base::Result<bool> {
          const auto counter = tx.sessions().lock_with_user(session.id)->session.refresh_counter;
          return tx.sessions().rotate(
              session.id, counter, {.next_counter = counter + 1, .refreshed_at = now(), .expires_at = now()});
        });
        EXPECT_TRUE(rotated.value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(find_session(session.id)->refresh_counter,
            session.refresh_counter + static_cast<unsigned>(kThreads * kEach));
}

TEST_P(SessionContract, every_way_to_end_is_kept) {
  const User user = add_user("ada");
  for (const SessionEnd by : {SessionEnd::signed_out, SessionEnd::revoked, SessionEnd::password_changed,
                              SessionEnd::refresh_reused, SessionEnd::user_disabled}) {
    const Session session = add_session(user);
    EXPECT_TRUE(in_transaction(*store_, [&](auto& sessions) { return sessions.end(session.id, by, now()); }));
    EXPECT_EQ(find_session(session.id)->ended_by, by);
    EXPECT_EQ(find_session(session.id)->ended_at, now());
  }
}

TEST_P(SessionContract, a_session_ends_once) {
  const Session session = add_session(add_user("ada"));
  const auto end = [&](SessionId id, SessionEnd by) {
    return in_transaction(*store_, [&](auto& sessions) { return sessions.end(id, by, now()); });
  };
  EXPECT_TRUE(end(session.id, SessionEnd::signed_out));
  clock_.advance(Seconds(1));
  EXPECT_FALSE(end(session.id, SessionEnd::revoked));
  EXPECT_EQ(find_session(session.id)->ended_by, SessionEnd::signed_out);
  EXPECT_EQ(find_session(session.id)->ended_at, now() - Seconds(1));
  EXPECT_FALSE(end(SessionId::make(now(), random_), SessionEnd::revoked));
}

TEST_P(SessionContract, rotation_changes_the_pair_and_nothing_else) {
  Session session = add_session(add_user("ada"));
  session.refresh_counter = 1;
  session.successor_seen = false;
  session.refreshed_at = now() + Seconds(10);
  session.expires_at = now() + std::chrono::hours(48);
  const SessionRotation rotation{1, session.refreshed_at, session.expires_at};
  EXPECT_TRUE(in_transaction(*store_, [&](auto& s) { return s.rotate(session.id, 0, rotation); }));
  expect_same(find_session(session.id).value(), session);
}

TEST_P(SessionContract, rotation_may_bring_the_end_forward) {
  Session session = add_session(add_user("ada"));
  const SessionRotation rotation{1, now(), now() + Seconds(60)};
  EXPECT_TRUE(in_transaction(*store_, [&](auto& s) { return s.rotate(session.id, 0, rotation); }));
  EXPECT_EQ(find_session(session.id)->expires_at, now() + Seconds(60));
  EXPECT_EQ(read([&](const Tx& tx) { return tx.sessions().count_alive(now() + Seconds(61)); }), 0u);
  EXPECT_EQ(in_transaction(*store_, [&](auto& s) { return s.purge(now() + Seconds(61), 10); }), 1u);
}

TEST_P(SessionContract, rotation_needs_the_expected_counter_and_a_live_session) {
  const Session session = add_session(add_user("ada"));
  const auto rotate = [&](SessionId id, std::uint32_t expected) {
    const SessionRotation rotation{expected + 1, now() + Seconds(1), session.expires_at + Seconds(1)};
    return in_transaction(*store_, [&](auto& s) { return s.rotate(id, expected, rotation); });
  };
  EXPECT_FALSE(rotate(session.id, 1));
  EXPECT_TRUE(rotate(session.id, 0));
  EXPECT_FALSE(rotate(session.id, 0));
  EXPECT_TRUE(rotate(session.id, 1));
  EXPECT_FALSE(rotate(SessionId::make(now(), random_), 0));
  in_transaction(*store_, [&](auto& s) { return s.end(session.id, SessionEnd::signed_out, now()); });
  EXPECT_FALSE(rotate(session.id, 2));
  EXPECT_EQ(find_session(session.id)->refresh_counter, 2u);
}

TEST_P(SessionContract, parallel_rotations_have_one_winner) {
  const Session session = add_session(add_user("ada"));
  constexpr int kThreads = 8;
  constexpr std::uint32_t kRounds = 25;
  std::vector<std::atomic<int>> winners(kRounds);
  std::barrier round_starts(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t counter = 0; counter < kRounds; ++counter) {
        round_starts.arrive_and_wait();
        const SessionRotation rotation{counter + 1, now(), session.expires_at};
        if (in_transaction(*store_, [&](auto& s) { return s.rotate(session.id, counter, rotation); })) {
          ++winners[counter];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& count : winners) EXPECT_EQ(count, 1);
  EXPECT_EQ(find_session(session.id)->refresh_counter, kRounds);
}

TEST_P(SessionContract, successor_is_noted_for_the_current_pair_only) {
  Session session = make_session(add_user("ada"));
  session.refresh_counter = 5;
  session.successor_seen = false;
  write([&](Tx& tx) { tx.sessions().insert(session); });
  write([&](Tx& tx) { tx.sessions().mark_successor_seen(session.id, 4); });
  expect_same(find_session(session.id).value(), session);
  write([&](Tx& tx) { tx.sessions().mark_successor_seen(session.id, 5); });
  session.successor_seen = true;
  expect_same(find_session(session.id).value(), session);
}

TEST_P(SessionContract, live_sessions_are_listed_newest_first) {
  const User user = add_user("ada");
  add_session(add_user("bob"));
  const Session first = add_session(user);
  clock_.advance(Seconds(1));
  const Session second = add_session(user);
  clock_.advance(Seconds(1));
  const Session third = add_session(user);
  Session over = make_session(user);
  over.expires_at = now();
  write([&](Tx& tx) {
    tx.sessions().insert(over);
    tx.sessions().end(second.id, SessionEnd::revoked, now());
  });
  const auto alive = read([&](const Tx& tx) { return tx.sessions().list_alive(user.id, now()); });
  ASSERT_EQ(alive.size(), 2u);
  expect_same(alive[0], third);
  expect_same(alive[1], first);
  EXPECT_EQ(read([&](const Tx& tx) { return tx.sessions().count_alive(now()); }), 3u);
  EXPECT_EQ(read([&](const Tx& tx) { return tx.sessions().count_alive(now() + std::chrono::hours(25)); }),
            0u);
}

TEST_P(SessionContract, rotated_sessions_are_counted_by_their_new_end) {
  const Session session = add_session(add_user("ada"));
  const SessionRotation rotation{1, now(), now() + std::chrono::hours(48)};
  in_transaction(*store_, [&](auto& s) { return s.rotate(session.id, 0, rotation); });
  const auto count = [&](base::Timestamp at) {
    return read([&](const Tx& tx) { return tx.sessions().count_alive(at); });
  };
  EXPECT_EQ(count(now() + std::chrono::hours(30)), 1u);
  EXPECT_EQ(count(now() + std::chrono::hours(48)), 0u);
}

TEST_P(SessionContract, end_all_spares_the_exception_and_other_people) {
  const User user = add_user("ada");
  const Session kept = add_session(user);
  const Session other = add_session(add_user("bob"));
  const Session first = add_session(user);
  const Session second = add_session(user);
  Session expired = make_session(user);
  expired.expires_at = now();
  write([&](Tx& tx) { tx.sessions().insert(expired); });

  const auto end_all = [&](std::optional<SessionId> except) {
    return in_transaction(
        *store_, [&](auto& s) { return s.end_all(user.id, except, SessionEnd::password_changed, now()); });
  };
  EXPECT_EQ(end_all(kept.id), 2u);
  EXPECT_EQ(find_session(first.id)->ended_by, SessionEnd::password_changed);
  EXPECT_EQ(find_session(second.id)->ended_at, now());
  EXPECT_TRUE(find_session(kept.id)->is_alive(now()));
  EXPECT_TRUE(find_session(other.id)->is_alive(now()));
  EXPECT_FALSE(find_session(expired.id)->ended_at);
  EXPECT_EQ(end_all(std::nullopt), 1u);
  EXPECT_EQ(end_all(std::nullopt), 0u);
}

TEST_P(SessionContract, purge_takes_what_is_over_in_bounded_batches) {
  const User user = add_user("ada");
  const base::Timestamp before = now();
  std::vector<SessionId> over;
  for (int i = 0; i < 6; ++i) {
    Session session = make_session(user);
    if (i % 2 == 0) {
      session.expires_at = before - Seconds(1);
    } else {
      session.ended_at = before - Seconds(1);
      session.ended_by = SessionEnd::signed_out;
    }
    over.push_back(session.id);
    write([&](Tx& tx) { tx.sessions().insert(session); });
  }
  Session ends_just_then = make_session(user);
  ends_just_then.expires_at = before;
  Session ended_just_then = make_session(user);
  ended_just_then.ended_at = before;
  ended_just_then.ended_by = SessionEnd::revoked;
  const Session alive = make_session(user);
  for (const Session& session : {ends_just_then, ended_just_then, alive}) {
    write([&](Tx& tx) { tx.sessions().insert(session); });
  }

  const auto purge = [&] { return in_transaction(*store_, [&](auto& s) { return s.purge(before, 4); }); };
  EXPECT_EQ(purge(), 4u);
  EXPECT_EQ(purge(), 2u);
  EXPECT_EQ(purge(), 0u);
  for (const SessionId& id : over) EXPECT_FALSE(find_session(id));
  for (const Session& session : {ends_just_then, ended_just_then, alive})
    EXPECT_TRUE(find_session(session.id));
}

TEST_P(SessionContract, purge_spares_what_was_refreshed_and_takes_it_later) {
  const User user = add_user("ada");
  const base::Timestamp first_end = now() + std::chrono::hours(24);
  const base::Timestamp second_end = now() + std::chrono::hours(72);
  std::vector<SessionId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add_session(user).id);
  const auto purge = [&](base::Timestamp before, std::uint32_t limit) {
    return in_transaction(*store_, [&](auto& s) { return s.purge(before, limit); });
  };
  for (int i = 0; i < 4; ++i) {
    const SessionRotation rotation{1, now(), second_end};
    in_transaction(*store_, [&](auto& s) { return s.rotate(ids[static_cast<std::size_t>(i)], 0, rotation); });
  }
  EXPECT_EQ(purge(first_end + Seconds(1), 2), 1u);
  EXPECT_EQ(purge(first_end + Seconds(1), 2), 0u);
  EXPECT_EQ(purge(second_end, 2), 0u);
  EXPECT_EQ(purge(second_end + Seconds(1), 3), 3u);
  EXPECT_EQ(purge(second_end + Seconds(1), 3), 1u);
}

TEST_P(SessionContract, no_session_without_an_account) {
  EXPECT_THROW(store_->transact([&](Tx& tx) -> base::Result<void> {
    tx.sessions().insert(make_session(make_user("nobody")));
    return {};
  }),
               base::InfraError);
}

}  // namespace
}  // namespace latchkey::storage::contract
