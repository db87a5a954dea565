#include "crypto/base64url.h"

#include <gmock/gmock.h>

#include "base/testing/fakes.h"

namespace latchkey::crypto {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(Base64Url, known_answers_of_rfc_4648) {
  const std::pair<std::string_view, std::string_view> known[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
  };
  for (const auto& [bytes, text] : known) {
    EXPECT_THAT(base64url_encode(bytes), Eq(text));
    EXPECT_THAT(base64url_decode(text), Optional(Eq(bytes)));
  }
}

TEST(Base64Url, any_bytes_come_back) {
  base::testing::FakeRandom random;
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    EXPECT_THAT(base64url_decode(base64url_encode(bytes)), Optional(Eq(bytes)));
  }
}

TEST(Base64Url, refuses_what_has_another_form) {
  using namespace std::string_view_literals;
  for (const auto text : {"Z"sv, "Zg=="sv, "Zm8="sv, "Zm9vZ"sv, "Zm9v\n"sv, " Zm9v"sv, "Zm+v"sv, "Zm/v"sv,
                          "Zm9v\0"sv, "\x80m9v"sv, "Zm9\xff"sv, "Zm.v"sv}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
}

// RFC 4648 section 3.5: otherwise one value would have many texts.
TEST(Base64Url, refuses_spare_bits) {
  int taken = 0;
  for (const char last :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    for (const std::string& text : {std::string("Z") + last, std::string("Zm") + last}) {
      if (const auto bytes = base64url_decode(text)) {
        ++taken;
        EXPECT_EQ(base64url_encode(*bytes), text);
      }
    }
  }
  EXPECT_EQ(taken, 4 + 16);
}

// Every character in every place of a group, so that each of the four tables is covered.
TEST(Base64Url, takes_the_alphabet_and_nothing_else_in_each_place) {
  for (std::size_t place = 0; place < 4; ++place) {
    int taken = 0;
    for (int c = 0; c < 256; ++c) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(c);
      const auto bytes = base64url_decode(text);
      if (!bytes) continue;
      ++taken;
      EXPECT_EQ(base64url_encode(*bytes), text);
    }
    EXPECT_EQ(taken, 64);
  }
}

}  // namespace
}  // namespace latchkey::crypto
