// Transactions: all or nothing, one snapshot a read, whatever others do at the same time.
#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using base::ErrorCode;
using base::InfraError;
using base::Result;
using domain::Session;
using domain::Tx;
using domain::User;

std::uint64_t count_users(domain::Store& store) {
  return store.read([](const Tx& tx) { return tx.users().count(); });
}

TEST_P(TransactionContract, result_of_the_work_comes_back) {
  const Result<int> seven = store_->transact([](Tx&) -> Result<int> { return 7; });
  EXPECT_EQ(seven.value(), 7);
  EXPECT_EQ(store_->read([](const Tx&) { return std::string("text"); }), "text");
}

TEST_P(TransactionContract, an_error_rolls_back_and_is_returned) {
  const User user = make_user("ada");
  const auto result = store_->transact([&](Tx& tx) -> Result<void> {
    EXPECT_TRUE(tx.users().insert(user));
    EXPECT_TRUE(tx.users().find(user.id));
    tx.sessions().insert(make_session(user));
    return base::fail(ErrorCode::weak_password, "too short");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::weak_password);
  EXPECT_EQ(result.error().detail, "too short");
  EXPECT_EQ(count_users(*store_), 0u);
  add_user("ada");
}

TEST_P(TransactionContract, an_exception_rolls_back_and_is_thrown) {
  EXPECT_THROW(store_->transact([&](Tx& tx) -> Result<void> {
    EXPECT_TRUE(tx.users().insert(make_user("ada")));
    throw std::out_of_range("boom");
  }),
               std::out_of_range);
  EXPECT_EQ(count_users(*store_), 0u);
  add_user("ada");
}

TEST_P(TransactionContract, an_exception_leaves_a_read_and_does_no_harm) {
  const User user = add_user("ada");
  EXPECT_THROW(store_->read([](const Tx&) -> int { throw std::out_of_range("boom"); }), std::out_of_range);
  EXPECT_TRUE(find_user(user.id));
}

TEST_P(TransactionContract, a_write_is_seen_as_soon_as_it_is_acknowledged) {
  const auto other = database_->open();
  for (int i = 0; i < 50; ++i) {
    const User user = add_user("user" + std::to_string(i));
    EXPECT_TRUE(find_user(user.id));
    EXPECT_TRUE(other->read([&](const Tx& tx) { return tx.users().find(user.id); }));
  }
}

TEST_P(TransactionContract, a_read_sees_one_snapshot) {
  add_user("first");
  const auto counts = read([&](const Tx& tx) {
    const std::uint64_t before = tx.users().count();
    add_user("second");  // by another transaction, acknowledged
    return std::pair(before, tx.users().count());
  });
  EXPECT_EQ(counts.first, 1u);
  EXPECT_EQ(counts.second, 1u);
  EXPECT_EQ(count_users(*store_), 2u);
}

TEST_P(TransactionContract, nobody_sees_half_a_transaction) {
  const User user = add_user("ada");
  std::atomic<bool> done = false;
  std::atomic<int> halves = 0;
  std::atomic<int> reads = 0;
  std::latch readers_run(2);
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      for (bool first = true; !done.load(); first = false) {
        const auto [sessions, events] = store_->read([&](const Tx& tx) {
          const auto alive = tx.sessions().list_alive(user.id, now()).size();
          return std::pair(alive, tx.events().list(user.id, {.after = {}, .limit = 1000}).size());
        });
        if (sessions != events) ++halves;
        ++reads;
        if (first) readers_run.count_down();
      }
    });
  }
  readers_run.wait();
  for (int i = 0; i < 100; ++i) {
    write([&](Tx& tx) {
      tx.sessions().insert(make_session(user));
      tx.events().append(make_event(domain::EventType::user_signed_in, user.id));
    });
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(halves, 0);
  EXPECT_GT(reads, 0);
}

// Every other transaction fails, in one of two ways, while the rest succeed beside it.
TEST_P(TransactionContract, a_failing_transaction_does_not_touch_its_neighbours) {
  constexpr int kThreads = 12;
  constexpr int kEach = 20;
  std::atomic<int> errors = 0;
  std::atomic<int> exceptions = 0;
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const User user = make_user(std::to_string(t) + "-" + std::to_string(i));
        try {
          const auto result = store_->transact([&](Tx& tx) -> Result<void> {
            if (auto inserted = tx.users().insert(user); !inserted) return inserted;
            if (i % 4 == 1) return base::fail(ErrorCode::weak_password);
            if (i % 4 == 3) throw std::runtime_error("boom");
            return {};
          });
          ++(result ? kept : errors);
        } catch (const std::runtime_error&) {
          ++exceptions;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, kThreads * kEach / 2);
  EXPECT_EQ(errors, kThreads * kEach / 4);
  EXPECT_EQ(exceptions, kThreads * kEach / 4);
  const auto users = read([](const Tx& tx) { return tx.users().list({.after = {}, .limit = 1000}); });
  EXPECT_EQ(users.size(), static_cast<std::size_t>(kept.load()));
  for (const User& user : users) {
    const std::string name = user.email->text().substr(0, user.email->text().find('@'));
    EXPECT_EQ(std::stoi(name.substr(name.find('-') + 1)) % 2, 0) << name;
  }
}

TEST_P(TransactionContract, one_address_one_account_however_many_ask) {
  constexpr int kThreads = 8;
  std::atomic<int> created = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const User user = make_user("ada");
      if (store_->transact([&](Tx& tx) { return tx.users().insert(user); })) ++created;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(count_users(*store_), 1u);
}

TEST_P(TransactionContract, two_stores_write_side_by_side) {
  constexpr int kEach = 100;
  const auto other = database_->open();
  std::vector<std::thread> threads;
  for (domain::Store* store : {store_.get(), other.get()}) {
    threads.emplace_back([&, store] {
      for (int i = 0; i < kEach; ++i) {
        const User user = make_user((store == store_.get() ? "a" : "b") + std::to_string(i));
        EXPECT_TRUE(store->transact([&](Tx& tx) { return tx.users().insert(user); }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count_users(*store_), 2u * kEach);
  EXPECT_EQ(count_users(*other), 2u * kEach);
}

TEST_P(TransactionContract, a_write_that_is_not_waited_for_tells_its_outcome_after_the_commit) {
  const User user = make_user("ada");
  std::promise<Result<int>> told;
  store_->transact_then(
      [&](Tx& tx) -> Result<int> {
        if (auto inserted = tx.users().insert(user); !inserted) return base::fail(inserted.error());
        return 42;
      },
      [&](domain::Settled<Result<int>> settled) { told.set_value(settled.get()); });
  EXPECT_EQ(told.get_future().get().value(), 42);
  EXPECT_TRUE(find_user(user.id));
}

TEST_P(TransactionContract, a_write_that_is_not_waited_for_tells_its_failures) {
  const User user = make_user("ada");
  const auto outcome_of = [&](auto work) {
    std::promise<std::string> told;
    store_->transact_then(work, [&](domain::Settled<Result<void>> settled) {
      try {
        const Result<void> result = settled.get();
        told.set_value(result ? "kept" : std::string(base::error_info(result.error().code).name));
      } catch (const std::exception& failure) {
        told.set_value(failure.what());
      }
    });
    return told.get_future().get();
  };
  EXPECT_EQ(outcome_of([&](Tx& tx) -> Result<void> {
              std::ignore = tx.users().insert(user);
              return base::fail(ErrorCode::not_found);
            }),
            "not_found");
  EXPECT_EQ(outcome_of([&](Tx& tx) -> Result<void> {
              std::ignore = tx.users().insert(user);
              throw std::runtime_error("broken");
            }),
            "broken");
  EXPECT_FALSE(find_user(user.id));
}

TEST_P(TransactionContract, a_posted_write_is_done_by_the_time_the_store_is_closed) {
  const Session session = add_session(add_user("ada"));
  const domain::SessionId id = session.id;
  store_->post([id, at = now()](Tx& tx) { tx.sessions().end(id, domain::SessionEnd::revoked, at); });
  store_->post([](Tx&) { throw std::runtime_error("nobody hears this"); });
  store_->close();
  const auto reopened = database_->open();
  EXPECT_EQ(reopened->read([&](const Tx& tx) { return tx.sessions().find(id)->ended_by; }),
            domain::SessionEnd::revoked);
}

TEST_P(TransactionContract, writes_that_share_a_commit_fail_alone) {
  std::vector<std::promise<std::string>> told(6);
  const User taken = add_user("taken");
  for (std::size_t i = 0; i < told.size(); ++i) {
    const User user = make_user(i == 2 ? "taken" : "user" + std::to_string(i));
    store_->transact_then(
        [user, i](Tx& tx) -> Result<void> {
          if (i == 4) {
            std::ignore = tx.users().insert(user);
            throw std::runtime_error("broken");
          }
          return tx.users().insert(user);
        },
        [&told, i](domain::Settled<Result<void>> settled) {
          try {
            const Result<void> result = settled.get();
            told[i].set_value(result ? "kept" : std::string(base::error_info(result.error().code).name));
          } catch (const std::exception& failure) {
            told[i].set_value(failure.what());
          }
        },
        domain::CommitTiming::shared);
  }
  std::vector<std::string> outcomes;
  for (auto& one : told) outcomes.push_back(one.get_future().get());
  EXPECT_THAT(outcomes,
              ::testing::ElementsAre("kept", "kept", "user_already_exists", "kept", "broken", "kept"));
  EXPECT_EQ(count_users(*store_), 5u);
}

TEST_P(TransactionContract, a_later_write_sees_what_was_posted) {
  const Session session = add_session(add_user("ada"));
  for (std::uint32_t counter = 0; counter < 20; ++counter) {
    store_->post([id = session.id, counter](Tx& tx) { tx.sessions().mark_successor_seen(id, counter); });
    const auto seen = store_->transact([&](Tx& tx) -> Result<bool> {
      const auto found = tx.sessions().lock_with_user(session.id);
      tx.sessions().rotate(session.id, counter,
                           {.next_counter = counter + 1,
                            .refreshed_at = session.refreshed_at,
                            .expires_at = session.expires_at});
      return found->session.successor_seen;
    });
    EXPECT_TRUE(seen.value()) << counter;
  }
}

TEST_P(TransactionContract, sessions_are_looked_up_without_waiting_many_at_once) {
  std::vector<Session> sessions;
  for (int i = 0; i < 100; ++i) sessions.push_back(add_session(add_user(std::to_string(i))));
  const auto missing = domain::SessionId::make(now(), random_);
  std::vector<std::promise<std::optional<domain::SessionWithUser>>> told(2 * sessions.size() + 1);
  const auto ask = [&](domain::SessionId id, std::size_t place) {
    store_->find_session_then(
        id, [&told, place](domain::Store::FoundSession found) { told[place].set_value(found.get()); });
  };
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    ask(sessions[i].id, 2 * i);
    ask(sessions[i].id, 2 * i + 1);
  }
  ask(missing, 2 * sessions.size());
  for (std::size_t i = 0; i < 2 * sessions.size(); ++i) {
    const auto found = told[i].get_future().get();
    ASSERT_TRUE(found) << i;
    expect_same(found->session, sessions[i / 2]);
    EXPECT_EQ(found->user.id, sessions[i / 2].user_id);
  }
  EXPECT_FALSE(told.back().get_future().get());
}

TEST_P(TransactionContract, a_transaction_inside_a_transaction_is_refused) {
  const auto nested = [&](Tx&) -> Result<void> {
    store_->transact([](Tx&) -> Result<void> { return {}; });
    return {};
  };
  EXPECT_THROW(store_->transact(nested), InfraError);
  add_user("ada");
}

TEST_P(TransactionContract, stats_count_what_was_kept) {
  const domain::StoreStats before = store_->stats();
  add_user("ada");
  EXPECT_FALSE(store_->transact([](Tx&) -> Result<void> { return base::fail(ErrorCode::not_found); }));
  const domain::StoreStats after = store_->stats();
  EXPECT_EQ(after.transactions - before.transactions, 1u);
  EXPECT_EQ(after.commits - before.commits, 1u);
  EXPECT_EQ(after.write_queue_length, 0u);
}

TEST_P(TransactionContract, everything_is_there_after_reopening) {
  const User user = add_user("ada");
  const Session session = add_session(user);
  store_.reset();
  store_ = database_->open();
  expect_same(find_user(user.id).value(), user);
  expect_same(find_session(session.id).value(), session);
  EXPECT_NO_THROW(store_->check_health());
}

TEST_P(TransactionContract, a_closed_store_refuses_everything) {
  add_user("ada");
  store_->close();
  store_->close();
  const auto refused = [](auto call) {
    try {
      call();
      return false;
    } catch (const InfraError& error) {
      return error.code() == ErrorCode::storage_unavailable;
    }
  };
  EXPECT_TRUE(refused([&] { count_users(*store_); }));
  EXPECT_TRUE(refused([&] { store_->transact([](Tx&) -> Result<void> { return {}; }); }));
  EXPECT_TRUE(refused([&] { store_->check_health(); }));
  EXPECT_TRUE(refused([&] {
    store_->transact_then([](Tx&) -> Result<void> { return {}; },
                          [](const auto&) { ADD_FAILURE() << "the call threw, and told an outcome too"; });
  }));
  EXPECT_TRUE(refused([&] {
    std::exception_ptr failure;
    store_->find_session_then(domain::SessionId::make(now(), random_),
                              [&](domain::Store::FoundSession found) {
                                try {
                                  found.get();
                                } catch (...) {
                                  failure = std::current_exception();
                                }
                              });
    if (failure) std::rethrow_exception(failure);
  }));
  store_->post([](Tx&) {});
}

}  // namespace
}  // namespace latchkey::storage::contract
