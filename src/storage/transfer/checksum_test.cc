#include "storage/transfer/checksum.h"

#include <gtest/gtest.h>

#include "base/infra_error.h"

namespace latchkey::storage::transfer {
namespace {

const Table kNotes{
    .name = "notes",
    .columns = {{.name = "id", .kind = Kind::bytes, .may_be_null = false, .is_in_key = true},
                {.name = "text", .kind = Kind::text, .may_be_null = true, .is_in_key = false},
                {.name = "at", .kind = Kind::integer, .may_be_null = true, .is_in_key = false}},
    .key = {0},
    .refers_to = {}};

Batch batch_of(std::initializer_list<std::pair<std::string_view, std::optional<std::string_view>>> rows) {
  Batch batch;
  batch.start(kNotes.columns.size());
  for (const auto& [id, text] : rows) {
    batch.add_bytes(id);
    if (text) {
      batch.add_text(*text);
    } else {
      batch.add_null();
    }
    batch.add_number(-1);
  }
  return batch;
}

std::string checksum_of(
    std::initializer_list<std::pair<std::string_view, std::optional<std::string_view>>> rows) {
  Checksum sum;
  sum.add(kNotes, batch_of(rows));
  EXPECT_EQ(sum.rows(), rows.size());
  EXPECT_EQ(sum.text().size(), 64u);
  return sum.text();
}

TEST(Checksum, does_not_depend_on_order_and_batches) {
  Checksum in_two;
  in_two.add(kNotes, batch_of({{"b", "two"}}));
  in_two.add(kNotes, batch_of({{"a", "one"}}));
  EXPECT_EQ(in_two.text(), checksum_of({{"a", "one"}, {"b", "two"}}));
  EXPECT_EQ(in_two.rows(), 2u);
}

TEST(Checksum, tells_rows_apart_that_look_alike) {
  const std::string one = checksum_of({{"a", "b"}});
  EXPECT_NE(checksum_of({{"a", ""}}), checksum_of({{"a", std::nullopt}}));
  EXPECT_NE(checksum_of({{"ab", ""}}), one);
  EXPECT_NE(checksum_of({{"", "ab"}}), one);
  EXPECT_NE(checksum_of({{"a", "c"}}), one);
  EXPECT_NE(checksum_of({{"a", "x"}, {"b", "y"}}), checksum_of({{"a", "y"}, {"b", "x"}}));
  EXPECT_NE(checksum_of({{"a", "b"}, {"a", "b"}}), one);
}

TEST(Checksum, is_the_same_for_ever) {
  EXPECT_EQ(Checksum().text(), std::string(64, '0'));
  // Marks of unfinished moves hold it.
  EXPECT_EQ(checksum_of({{"a", "b"}, {"\xFF", std::nullopt}}),
            "3388fb4fb55928edf9912483ead528d6da1d935348205954654cd2a31c7c262b");
}

TEST(Batch, gives_back_what_it_was_given) {
  const Batch batch = batch_of({{"a\0b", "one"}, {"c", std::nullopt}});
  ASSERT_EQ(batch.rows(), 2u);
  EXPECT_EQ(batch.value(0, 1).bytes, "one");
  EXPECT_EQ(batch.value(0, 2).number, -1);
  EXPECT_FALSE(batch.value(0, 2).is_null);
  EXPECT_TRUE(batch.value(1, 1).is_null);
  const Key key = batch.last_key(kNotes);
  ASSERT_EQ(key.parts.size(), 1u);
  EXPECT_EQ(key.value(0).bytes, "c");
}

TEST(Batch, counts_texts_that_no_database_of_utf8_can_store) {
  Batch batch = batch_of({{"a", "M\xFCnchen"}, {"b", "günstig"}, {"c", std::string_view("x\0", 2)}});
  EXPECT_EQ(batch.value(0, 1).bytes, "M?nchen");
  EXPECT_EQ(batch.value(1, 1).bytes, "günstig");
  EXPECT_EQ(batch.value(2, 1).bytes, "x?");
  EXPECT_EQ(batch.changed_texts(), 2u);
  batch.start(1);
  EXPECT_EQ(batch.rows(), 0u);
}

TEST(Tables, come_behind_those_they_refer_to) {
  const auto table = [](std::string name, std::vector<std::string> refers_to) {
    return Table{.name = std::move(name), .columns = {}, .key = {}, .refers_to = std::move(refers_to)};
  };
  const auto ordered =
      in_order_of_reference({table("a", {"c", "b"}), table("b", {"c", "b"}), table("c", {})});
  ASSERT_EQ(ordered.size(), 3u);
  EXPECT_EQ(ordered[0].name, "c");
  EXPECT_EQ(ordered[1].name, "b");
  EXPECT_EQ(ordered[2].name, "a");
  EXPECT_THROW(in_order_of_reference({table("a", {"b"}), table("b", {"a"})}), base::InfraError);
}

}  // namespace
}  // namespace latchkey::storage::transfer
