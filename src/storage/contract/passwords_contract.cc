// Passwords: stored whole, replaced only by those who know what they replace.
#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using base::Secret;
using domain::PasswordCredential;
using domain::Tx;
using domain::User;

constexpr std::string_view kHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA";

TEST_P(PasswordContract, put_inserts_and_replaces) {
  const User user = add_user("ada");
  const auto find = [&] {
    return read([&](const Tx& tx) { return tx.passwords().find_confidential(user.id); });
  };
  EXPECT_FALSE(find().has_value());
  for (const std::string_view hash : {kHash, std::string_view("$2b$12$other")}) {
    clock_.advance(base::Seconds(1));
    write(
        [&](Tx& tx) { tx.passwords().put({.user_id = user.id, .hash = Secret(hash), .changed_at = now()}); });
    const auto found = find();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->user_id, user.id);
    EXPECT_EQ(found->hash.confidential_text(), hash);
    EXPECT_EQ(found->changed_at, now());
  }
}

TEST_P(PasswordContract, replace_if_needs_the_expected_hash) {
  const User user = add_user("ada");
  write(
      [&](Tx& tx) { tx.passwords().put({.user_id = user.id, .hash = Secret(kHash), .changed_at = now()}); });
  const auto replace = [&](domain::UserId id, std::string_view hash, std::string_view expected) {
    return store_
        ->transact([&](Tx& tx) -> base::Result<bool> {
          return tx.passwords().replace_if({.user_id = id, .hash = Secret(hash), .changed_at = now()},
                                           expected);
        })
        .value();
  };
  EXPECT_FALSE(replace(user.id, "new", "wrong"));
  EXPECT_TRUE(replace(user.id, "new", kHash));
  EXPECT_FALSE(replace(user.id, "newer", kHash));
  EXPECT_FALSE(replace(domain::UserId::make(now(), random_), "new", kHash));
  EXPECT_EQ(read([&](const Tx& tx) {
              return std::string(tx.passwords().find_confidential(user.id)->hash.confidential_text());
            }),
            "new");
}

TEST_P(PasswordContract, no_password_without_an_account) {
  EXPECT_THROW(store_->transact([&](Tx& tx) -> base::Result<void> {
    tx.passwords().put(
        {.user_id = domain::UserId::make(now(), random_), .hash = Secret(kHash), .changed_at = now()});
    return {};
  }),
               base::InfraError);
}

}  // namespace
}  // namespace latchkey::storage::contract
