// Accounts: what goes in comes out, identifiers are unique, and going leaves nothing behind but events.
#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using base::ErrorCode;
using domain::Email;
using domain::Phone;
using domain::Tx;
using domain::User;
using domain::UserId;
using domain::Username;

// Every member differs from its default.
User with_everything(User user) {
  user.username = Username::make_trusted("Ada", "ada");
  user.phone = Phone::make_trusted("+491701234567");
  user.role = domain::Role::make_trusted("service_role");
  user.user_metadata = base::JsonObjectText::make_trusted(R"({"name":"Ada","note":"ü\u0000"})");
  user.app_metadata = base::JsonObjectText::make_trusted(R"({"plan":"pro"})");
  user.email_confirmed_at = user.created_at + base::Seconds(1);
  user.phone_confirmed_at = user.created_at + base::Seconds(2);
  user.banned_until = domain::kBannedForever;
  user.last_sign_in_at = user.created_at + base::Seconds(3);
  user.updated_at = user.created_at + base::Seconds(4);
  return user;
}

TEST_P(UserContract, user_comes_back_as_it_was_stored) {
  const User plain = add_user("plain");
  const User full = with_everything(make_user("full"));
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(full)); });

  expect_same(find_user(plain.id).value(), plain);
  expect_same(find_user(full.id).value(), full);
  EXPECT_FALSE(find_user(UserId::make(now(), random_)));
}

TEST_P(UserContract, found_by_each_identifier) {
  const User user = with_everything(make_user("ada"));
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  const auto find = [&](const domain::Identifier& identifier) {
    return read([&](const Tx& tx) { return tx.users().find(identifier); });
  };
  expect_same(find(*user.email).value(), user);
  expect_same(find(Username::make_trusted("ADA", "ada")).value(), user);
  expect_same(find(*user.phone).value(), user);

  EXPECT_FALSE(find(Email::make_trusted("ada")));
  EXPECT_FALSE(find(Username::make_trusted("bob", "bob")));
  EXPECT_FALSE(find(Phone::make_trusted("+491701234568")));
}

TEST_P(UserContract, identifiers_are_unique) {
  const User first = with_everything(make_user("first"));
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(first)); });

  User same_email = make_user("first");
  User same_name = make_user("second");
  same_name.username = Username::make_trusted("ADA", "ada");
  User same_phone = make_user("third");
  same_phone.phone = first.phone;
  for (const User& other : {same_email, same_name, same_phone}) {
    const auto inserted = store_->transact([&](Tx& tx) { return tx.users().insert(other); });
    ASSERT_FALSE(inserted);
    EXPECT_EQ(inserted.error().code, ErrorCode::user_already_exists);
    EXPECT_FALSE(find_user(other.id));
  }
  EXPECT_EQ(read([](const Tx& tx) { return tx.users().count(); }), 1u);
}

TEST_P(UserContract, a_refused_insert_leaves_the_rest_of_the_transaction_alone) {
  const User first = add_user("first");
  const User next = make_user("next");
  write([&](Tx& tx) {
    EXPECT_FALSE(tx.users().insert(make_user("first")));
    EXPECT_TRUE(tx.users().insert(next));
  });
  EXPECT_TRUE(find_user(next.id));
  EXPECT_EQ(read([](const Tx& tx) { return tx.users().count(); }), 2u);
}

TEST_P(UserContract, users_without_an_identifier_of_a_kind_do_not_clash) {
  for (const char* name : {"ada", "bob"}) {
    User user = make_user(name);
    user.email.reset();
    user.username = Username::make_trusted(name, name);
    write([&](Tx& tx) { EXPECT_TRUE(tx.users().insert(user)); });
  }
  EXPECT_EQ(read([](const Tx& tx) { return tx.users().count(); }), 2u);
}

TEST_P(UserContract, update_replaces_all_but_id_and_creation) {
  const User before = with_everything(make_user("before"));
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(before)); });

  User plain = make_user("after");
  plain.id = before.id;
  plain.created_at = before.created_at + base::Seconds(100);
  write([&](Tx& tx) { EXPECT_TRUE(tx.users().update(plain)); });
  plain.created_at = before.created_at;
  expect_same(find_user(before.id).value(), plain);

  write([&](Tx& tx) { EXPECT_TRUE(tx.users().update(before)); });
  expect_same(find_user(before.id).value(), before);
  const auto by_old_email =
      read([&](const Tx& tx) { return tx.users().find(domain::Identifier(*plain.email)); });
  EXPECT_FALSE(by_old_email);
}

TEST_P(UserContract, update_refuses_what_is_taken_and_who_is_gone) {
  const User first = add_user("first");
  const User second = add_user("second");
  User changed = second;
  changed.email = first.email;
  changed.role = domain::Role::make_trusted("admin");
  const auto taken = store_->transact([&](Tx& tx) { return tx.users().update(changed); });
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::user_already_exists);
  expect_same(find_user(second.id).value(), second);

  const auto gone = store_->transact([&](Tx& tx) { return tx.users().update(make_user("nobody")); });
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::not_found);
}

TEST_P(UserContract, last_sign_in_changes_nothing_else) {
  User user = with_everything(make_user("ada"));
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  user.last_sign_in_at = now() + base::Seconds(50);
  write([&](Tx& tx) { tx.users().set_last_sign_in(user.id, *user.last_sign_in_at); });
  expect_same(find_user(user.id).value(), user);
  write([&](Tx& tx) { tx.users().set_last_sign_in(UserId::make(now(), random_), now()); });
}

TEST_P(UserContract, erase_takes_password_and_sessions_along_but_no_events) {
  const User user = add_user("ada");
  const User other = add_user("bob");
  const domain::Session session = add_session(user);
  const domain::Session others = add_session(other);
  write([&](Tx& tx) {
    tx.passwords().put(
        {.user_id = user.id, .hash = base::Secret(std::string("$argon2id$x")), .changed_at = now()});
    tx.events().append(make_event(domain::EventType::user_signed_up, user.id));
  });

  const auto erase = [&] {
    return store_->transact([&](Tx& tx) -> base::Result<bool> { return tx.users().erase(user.id); });
  };
  EXPECT_TRUE(erase().value());
  EXPECT_FALSE(find_user(user.id));
  EXPECT_FALSE(find_session(session.id));
  EXPECT_FALSE(read([&](const Tx& tx) { return tx.passwords().find_confidential(user.id).has_value(); }));
  EXPECT_EQ(read([&](const Tx& tx) { return tx.events().list(user.id, {}).size(); }), 1u);
  EXPECT_TRUE(find_user(other.id));
  EXPECT_TRUE(find_session(others.id));
  EXPECT_FALSE(erase().value());

  add_user("ada");  // the address is free again
}

TEST_P(UserContract, pages_go_from_oldest_to_newest) {
  std::vector<UserId> added;
  for (int i = 0; i < 7; ++i) {
    added.push_back(add_user("user" + std::to_string(i)).id);
    clock_.advance(base::Milliseconds(1));
  }
  std::vector<UserId> listed;
  std::vector<std::size_t> sizes;
  domain::Page<UserId> page{.after = {}, .limit = 3};
  for (;;) {
    const auto users = read([&](const Tx& tx) { return tx.users().list(page); });
    sizes.push_back(users.size());
    if (users.empty()) break;
    for (const User& user : users) listed.push_back(user.id);
    page.after = users.back().id;
  }
  EXPECT_EQ(listed, added);
  EXPECT_THAT(sizes, ::testing::ElementsAre(3, 3, 1, 0));
}

TEST_P(UserContract, large_metadata_survives) {
  User user = make_user("big");
  user.user_metadata = base::JsonObjectText::make_trusted(
      "{\"x\":\"" + std::string(domain::kMaxMetadataBytes - 8, 'y') + "\"}");
  user.app_metadata = user.user_metadata;
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  expect_same(find_user(user.id).value(), user);
}

TEST_P(UserContract, an_account_is_found_with_its_password) {
  const User ada = with_everything(make_user("ada"));
  const domain::PasswordCredential credential{ada.id, base::Secret(std::string("$argon2id$x")), now()};
  write([&](Tx& tx) {
    ASSERT_TRUE(tx.users().insert(ada));
    tx.passwords().put(credential);
  });
  const User bare = add_user("bare");
  const auto find = [&](const domain::Identifier& identifier) {
    return read([&](const Tx& tx) { return tx.find_account_confidential(identifier); });
  };
  for (const domain::Identifier& identifier :
       {domain::Identifier(*ada.email), domain::Identifier(*ada.username), domain::Identifier(*ada.phone)}) {
    const auto found = find(identifier);
    ASSERT_TRUE(found && found->credential);
    expect_same(found->user, ada);
    EXPECT_EQ(found->credential->user_id, ada.id);
    EXPECT_EQ(found->credential->hash.confidential_text(), "$argon2id$x");
    EXPECT_EQ(found->credential->changed_at, credential.changed_at);
  }
  const auto without = find(domain::Identifier(*bare.email));
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->credential);
  EXPECT_FALSE(find(domain::Identifier(Email::make_trusted("nobody@example.com"))));
}

TEST_P(UserContract, hostile_text_is_only_text) {
  User user = make_user("x");
  user.email = Email::make_trusted("'; DROP TABLE users; --@example.com");
  user.username = Username::make_trusted("\"%_\\", "\"%_\\");
  write([&](Tx& tx) { ASSERT_TRUE(tx.users().insert(user)); });
  expect_same(read([&](const Tx& tx) { return tx.users().find(domain::Identifier(*user.email)); }).value(),
              user);
  EXPECT_FALSE(
      read([&](const Tx& tx) { return tx.users().find(domain::Identifier(Email::make_trusted("%"))); }));
}

}  // namespace
}  // namespace latchkey::storage::contract
