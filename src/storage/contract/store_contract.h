// What every backend must do: suites over any database that can be opened as a domain::Store. A backend
// compiles the *_contract.cc files into its test and instantiates them with itself.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "domain/store.h"

namespace latchkey::storage::contract {

// A database of its own, empty but for the schema; gone with the object.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  // A store on it. Several may be open at once, as several processes would have them.
  virtual std::unique_ptr<domain::Store> open() = 0;
};

struct Backend {
  std::string name;
  std::function<std::unique_ptr<TestDatabase>()> make_database;
};
inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

// A store with nothing in it, and ways to fill it.
class StoreContract : public ::testing::TestWithParam<Backend> {
 protected:
  base::Timestamp now() const { return clock_.now(); }

  // Not stored. `name` becomes the address.
  domain::User make_user(std::string_view name);
  domain::Session make_session(const domain::User& user);
  domain::Event make_event(domain::EventType type, std::optional<domain::UserId> user_id = {});
  // Stored.
  domain::User add_user(std::string_view name);
  domain::Session add_session(const domain::User& user);

  // The value of a transaction that only writes.
  template <class Work>
  void write(Work&& work) {
    const base::Result<void> done = store_->transact([&](domain::Tx& tx) -> base::Result<void> {
      work(tx);
      return {};
    });
    ASSERT_TRUE(done.has_value());
  }
  template <class Work>
  auto read(Work&& work) {
    return store_->read(std::forward<Work>(work));
  }
  std::optional<domain::User> find_user(domain::UserId id);
  std::optional<domain::Session> find_session(domain::SessionId id);

  base::testing::FakeClock clock_;
  base::testing::FakeRandom random_;
  std::unique_ptr<TestDatabase> database_ = GetParam().make_database();
  std::unique_ptr<domain::Store> store_ = database_->open();
};

class UserContract : public StoreContract {};
class PasswordContract : public StoreContract {};
class SessionContract : public StoreContract {};
class KeyContract : public StoreContract {};
class EventContract : public StoreContract {};
class TransactionContract : public StoreContract {};

// Compares all members: operator== of an identifier may look at its key only.
void expect_same(const domain::User& actual, const domain::User& expected);
void expect_same(const domain::Session& actual, const domain::Session& expected);

}  // namespace latchkey::storage::contract

// Runs every suite on `backend`; to be written once in a backend's test, in this namespace.
#define LATCHKEY_RUN_STORE_CONTRACT(prefix, backend)                              \
  INSTANTIATE_TEST_SUITE_P(prefix, UserContract, ::testing::Values(backend));     \
  INSTANTIATE_TEST_SUITE_P(prefix, PasswordContract, ::testing::Values(backend)); \
  INSTANTIATE_TEST_SUITE_P(prefix, SessionContract, ::testing::Values(backend));  \
  INSTANTIATE_TEST_SUITE_P(prefix, KeyContract, ::testing::Values(backend));      \
  INSTANTIATE_TEST_SUITE_P(prefix, EventContract, ::testing::Values(backend));    \
  INSTANTIATE_TEST_SUITE_P(prefix, TransactionContract, ::testing::Values(backend))
