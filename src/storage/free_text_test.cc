#include "storage/free_text.h"

#include <gtest/gtest.h>

namespace latchkey::storage {
namespace {

std::string stored(std::string_view text) {
  std::string room;
  return std::string(storable_text(text, room));
}

TEST(FreeText, valid_text_stays_as_it_is) {
  for (const std::string_view text : {"", "Mozilla/5.0 (X11)", "\x01\x7F", "g\u00fcnstig", "\u0800\uFFFF",
                                      "\U00010000\U0010FFFF", "\uD7FF\uE000"}) {
    EXPECT_EQ(stored(text), text);
  }
}

TEST(FreeText, plain_text_is_not_copied) {
  std::string room;
  const std::string_view text = "plain";
  EXPECT_EQ(storable_text(text, room).data(), text.data());
}

TEST(FreeText, what_is_not_utf8_becomes_question_marks) {
  EXPECT_EQ(stored("caf\xE9 au lait"), "caf? au lait");                    // Latin-1
  EXPECT_EQ(stored(std::string_view("a\0b", 3)), "a?b");                   // NUL
  EXPECT_EQ(stored("\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF"), "?????????");  // longer than needed
  EXPECT_EQ(stored("\xED\xA0\x80"), "???");                                // half a surrogate pair
  EXPECT_EQ(stored("\xF4\x90\x80\x80\xF5\xFF\xFE"), "???????");            // beyond Unicode
  EXPECT_EQ(stored("cut \xE2\x82"), "cut ??");                             // cut in the middle
  EXPECT_EQ(stored("\x80\xC3\xA9\xC3"), "?\u00e9?");
}

}  // namespace
}  // namespace latchkey::storage
