// Keys: binary private parts come back to the byte, in the order of creation.
#include "storage/contract/store_contract.h"

namespace latchkey::storage::contract {
namespace {

using base::Seconds;
using domain::KeyState;
using domain::StoredKey;
using domain::Tx;

void expect_same(const StoredKey& actual, const StoredKey& expected) {
  EXPECT_EQ(actual.kid, expected.kid);
  EXPECT_EQ(actual.purpose, expected.purpose);
  EXPECT_EQ(actual.algorithm, expected.algorithm);
  EXPECT_EQ(actual.state, expected.state);
  EXPECT_EQ(actual.sealed_private, expected.sealed_private);
  EXPECT_EQ(actual.created_at, expected.created_at);
  EXPECT_EQ(actual.activated_at, expected.activated_at);
  EXPECT_EQ(actual.retired_at, expected.retired_at);
}

TEST_P(KeyContract, keys_are_listed_by_creation_replaced_and_erased) {
  std::string binary;
  for (int byte = 0; byte < 256; ++byte) binary.push_back(static_cast<char>(byte));
  StoredKey first{.kid = "zz",
                  .purpose = "sign",
                  .algorithm = "ES256",
                  .state = KeyState::retired,
                  .sealed_private = binary,
                  .created_at = now(),
                  .activated_at = now() + Seconds(1),
                  .retired_at = now() + Seconds(2)};
  const StoredKey second{.kid = "aa",
                         .purpose = "refresh_mac",
                         .algorithm = "",
                         .state = KeyState::active,
                         .sealed_private = "x",
                         .created_at = now() + Seconds(3),
                         .activated_at = {},
                         .retired_at = {}};
  write([&](Tx& tx) {
    tx.keys().put(second);
    tx.keys().put(first);
  });
  const auto list = [&] { return read([](const Tx& tx) { return tx.keys().list(); }); };
  auto keys = list();
  ASSERT_EQ(keys.size(), 2u);
  expect_same(keys[0], first);
  expect_same(keys[1], second);

  first.state = KeyState::next;
  first.sealed_private = "sealed anew";
  first.activated_at.reset();
  first.retired_at.reset();
  write([&](Tx& tx) { tx.keys().put(first); });
  keys = list();
  ASSERT_EQ(keys.size(), 2u);
  expect_same(keys[0], first);

  write([&](Tx& tx) {
    tx.keys().erase("zz");
    tx.keys().erase("unknown");
  });
  keys = list();
  ASSERT_EQ(keys.size(), 1u);
  expect_same(keys[0], second);
}

}  // namespace
}  // namespace latchkey::storage::contract
