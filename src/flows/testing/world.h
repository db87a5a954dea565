// An environment on a real database with time, randomness and lock-out under the test's control.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/fakes.h"
#include "domain/lockout.h"
#include "flows/environment.h"
#include "flows/refresh.h"
#include "flows/sign_in.h"
#include "flows/sign_up.h"
#include "storage/sqlite/sqlite_store.h"

namespace latchkey::flows::testing {

// The domain's lock-out for whoever fails, accounts and addresses alike, without bounds.
class FakeGuard final : public domain::LoginGuard {
 public:
  domain::LockoutPolicy policy{.threshold = 3};

  bool is_locked(std::string_view account, std::string_view address, base::Timestamp now) override {
    const std::lock_guard lock(mutex_);
    return domain::is_locked(states_[std::string(account)], now) ||
           domain::is_locked(states_[std::string(address)], now);
  }
  void note_failure(std::string_view account, std::string_view, base::Timestamp now) override {
    const std::lock_guard lock(mutex_);
    auto& state = states_[std::string(account)];
    state = domain::after_failure(state, now, policy);
  }
  void note_success(std::string_view account, std::string_view, base::Timestamp now) override {
    const std::lock_guard lock(mutex_);
    auto& state = states_[std::string(account)];
    state = domain::after_success(state, now);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, domain::LockoutState> states_;
};

inline const base::Secret kPassword{std::string("violet-harbour-41-kettle")};
inline const base::Secret kOtherPassword{std::string("another-lantern-52-river")};
inline const base::Secret kWrongPassword{std::string("wrong-password-123")};
inline const Client kClient{.ip = "192.0.2.1", .address_key = "192.0.2.1", .user_agent = "test"};

inline EnvironmentSettings test_settings() {
  EnvironmentSettings settings;
  settings.scope.issuer = "https://id.example/auth/v1";
  settings.scope.environment = "live";
  return settings;
}

inline crypto::SecretBox make_box(char fill) {
  return *crypto::SecretBox::make({base::Secret(std::string(32, fill))});
}

// Parts that live as long as the test; the environment can be opened anew on the same file.
class World : public ::testing::Test {
 protected:
  World() { reopen(test_settings()); }

  // As a restart of the program would.
  void reopen(EnvironmentSettings settings, char master = 'm') {
    env_.reset();
    auto opened = open(std::move(settings), master);
    ASSERT_TRUE(opened) << opened.error().detail;
    env_ = std::move(*opened);
  }
  // One more on the same database, as another process would have.
  base::Result<std::unique_ptr<Environment>> open(EnvironmentSettings settings, char master = 'm') {
    auto store = storage::sqlite::open_sqlite_store({.file = folder_.path() / "test.db"}, clock_, *log_);
    if (!store) return base::fail(std::move(store.error()));
    return Environment::open(std::move(settings), std::move(*store), make_box(master),
                             {hasher_, guard_, clock_, random_, *log_});
  }

  Environment& env() { return *env_; }

  static domain::Email email(std::string_view text) { return *domain::Email::parse(text); }
  base::Result<SignedIn> try_sign_up(std::string_view address, const base::Secret& password = kPassword) {
    return try_sign_up(
        {.email = email(address), .username = {}, .phone = {}, .password = password, .user_metadata = {}});
  }
  base::Result<SignedIn> try_sign_up(const SignUp& request) {
    return outcome([&](WhenSignedIn done) { return sign_up(env(), request, kClient, std::move(done)); });
  }
  SignedIn signed_up(std::string_view address) { return try_sign_up(address).value(); }
  base::Result<SignedIn> try_sign_in(std::string_view identifier, const base::Secret& password = kPassword,
                                     const Client& client = kClient) {
    return outcome([&](WhenSignedIn done) {
      return sign_in(env(), {*domain::parse_identifier(identifier), password}, client, std::move(done));
    });
  }
  SignedIn signed_in(std::string_view identifier) { return try_sign_in(identifier).value(); }
  base::Result<SignedIn> try_refresh(std::string_view token) { return refresh_in(env(), token); }
  static base::Result<SignedIn> refresh_in(Environment& env, std::string_view token) {
    return outcome([&](WhenSignedIn done) { return refresh(env, token, kClient, std::move(done)); });
  }
  // Waits for what `begin` begins.
  static base::Result<SignedIn> outcome(base::FunctionRef<base::Result<void>(WhenSignedIn)> begin) {
    std::promise<FinishSignedIn> finish;
    auto begun = begin([&](FinishSignedIn f) { finish.set_value(std::move(f)); });
    if (!begun) return base::fail(std::move(begun.error()));
    return finish.get_future().get()();
  }

  // The session's row.
  std::optional<domain::Session> stored(const SignedIn& session) {
    return env().store().read([&](const domain::Tx& tx) { return tx.sessions().find(session.session.id); });
  }
  // What happened, newest first, as "user_signed_in" or "login_failed wrong_password".
  std::vector<std::string> events() {
    const auto rows = env().store().read(
        [](const domain::Tx& tx) { return tx.events().list(std::nullopt, {.after = {}, .limit = 1000}); });
    std::vector<std::string> texts;
    for (const domain::Event& event : rows) {
      texts.push_back(std::string(domain::to_string(event.type)) +
                      (event.detail.empty() ? "" : " " + event.detail));
    }
    return texts;
  }

  base::testing::TemporaryFolder folder_;
  base::testing::FakeClock clock_;
  base::testing::FakeRandom random_;
  std::unique_ptr<base::Logger> log_ = base::make_null_logger();
  crypto::PasswordHasher hasher_{{.memory_kib = 64, .iterations = 1}, {}, 2, random_};
  FakeGuard guard_;

 private:
  std::unique_ptr<Environment> env_;
};

// The code of a failure; fails the test on a success.
template <class T>
base::ErrorCode code_of(const base::Result<T>& result) {
  EXPECT_FALSE(result) << "did not fail";
  return result ? base::ErrorCode::internal_error : result.error().code;
}

}  // namespace latchkey::flows::testing
