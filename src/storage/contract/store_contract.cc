#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {

using domain::Session;
using domain::User;

User StoreContract::make_user(std::string_view name) {
  User user;
  user.id = domain::UserId::make(now(), random_);
  user.email = domain::Email::make_trusted(std::string(name) + "@example.com");
  user.created_at = now();
  user.updated_at = now();
  return user;
}

Session StoreContract::make_session(const User& user) {
  Session session;
  session.id = domain::SessionId::make(now(), random_);
  session.user_id = user.id;
  session.created_at = now();
  session.refreshed_at = now();
  session.expires_at = now() + std::chrono::hours(24);
  session.absolute_expires_at = now() + std::chrono::hours(240);
  session.user_agent = "Test/1.0";
  session.ip = "203.0.113.7";
  return session;
}

domain::Event StoreContract::make_event(domain::EventType type, std::optional<domain::UserId> user_id) {
  return {.id = domain::EventId::make(now(), random_),
          .type = type,
          .at = now(),
          .user_id = user_id,
          .session_id = {},
          .ip = "203.0.113.7",
          .detail = ""};
}

User StoreContract::add_user(std::string_view name) {
  const User user = make_user(name);
  write([&](domain::Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  return user;
}

Session StoreContract::add_session(const User& user) {
  const Session session = make_session(user);
  write([&](domain::Tx& tx) { tx.sessions().insert(session); });
  return session;
}

std::optional<User> StoreContract::find_user(domain::UserId id) {
  return read([&](const domain::Tx& tx) { return tx.users().find(id); });
}

std::optional<Session> StoreContract::find_session(domain::SessionId id) {
  return read([&](const domain::Tx& tx) { return tx.sessions().find(id); });
}

void expect_same(const User& actual, const User& expected) {
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.email, expected.email);
  EXPECT_EQ(actual.username, expected.username);
  if (actual.username && expected.username) {
    EXPECT_EQ(actual.username->shown(), expected.username->shown());
  }
  EXPECT_EQ(actual.phone, expected.phone);
  EXPECT_EQ(actual.role, expected.role);
  EXPECT_EQ(actual.user_metadata, expected.user_metadata);
  EXPECT_EQ(actual.app_metadata, expected.app_metadata);
  EXPECT_EQ(actual.email_confirmed_at, expected.email_confirmed_at);
  EXPECT_EQ(actual.phone_confirmed_at, expected.phone_confirmed_at);
  EXPECT_EQ(actual.banned_until, expected.banned_until);
  EXPECT_EQ(actual.last_sign_in_at, expected.last_sign_in_at);
  EXPECT_EQ(actual.created_at, expected.created_at);
  EXPECT_EQ(actual.updated_at, expected.updated_at);
}

void expect_same(const Session& actual, const Session& expected) {
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.user_id, expected.user_id);
  EXPECT_EQ(actual.refresh_counter, expected.refresh_counter);
  EXPECT_EQ(actual.successor_seen, expected.successor_seen);
  EXPECT_EQ(actual.created_at, expected.created_at);
  EXPECT_EQ(actual.refreshed_at, expected.refreshed_at);
  EXPECT_EQ(actual.expires_at, expected.expires_at);
  EXPECT_EQ(actual.absolute_expires_at, expected.absolute_expires_at);
  EXPECT_EQ(actual.ended_at, expected.ended_at);
  EXPECT_EQ(actual.ended_by, expected.ended_by);
  EXPECT_EQ(actual.user_agent, expected.user_agent);
  EXPECT_EQ(actual.ip, expected.ip);
  EXPECT_EQ(actual.method, expected.method);
}

}  // namespace latchkey::storage::contract
