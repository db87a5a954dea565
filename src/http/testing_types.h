// Wire types for the tests of this folder: one with every kind of field.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "http/wire.h"

namespace latchkey::http::testing {

enum class Colour : std::uint8_t { red, green };

struct Inner {
  std::string name;
  bool operator==(const Inner&) const = default;
  static constexpr auto describe() {
    return fields(field("name", &Inner::name, {.max_length = 3, .example = "abc"}));
  }
};

struct Everything {
  std::string id;
  std::optional<std::int64_t> page;
  std::string text;
  base::Secret secret;
  bool flag = false;
  std::int64_t number = 0;
  Colour colour = Colour::red;
  base::JsonObjectText data;
  Inner inner;
  std::vector<Inner> list;
  std::vector<std::string> words;
  std::optional<std::string> maybe;
  std::optional<Colour> nullable;

  static constexpr auto describe() {
    return fields(
        field("id", &Everything::id, {.doc = "Whose", .in = In::path, .example = "7"}),
        field("page", &Everything::page, {.in = In::query, .minimum = 1, .example = "2"}),
        field("text", &Everything::text,
              {.min_length = 1,
               .max_length = 5,
               .reject_null_text = true,
               .format = "email",
               .example = "hello"}),
        field("secret", &Everything::secret, {.example = "s3cret"}),
        field("flag", &Everything::flag, {.example = "true"}),
        field("number", &Everything::number, {.minimum = 0, .maximum = 10, .example = "5"}),
        field("colour", &Everything::colour, {.example = "green"}),
        field("data", &Everything::data, {.max_length = 40, .example = R"({"a":1})"}),
        field("inner", &Everything::inner),
        field("list", &Everything::list, {.min_length = 1, .max_length = 2, .example = R"([{"name":"a"}])"}),
        field("words", &Everything::words, {.max_length = 3, .example = R"(["x","y"])"}),
        field("maybe", &Everything::maybe, {.empty_is_absent = true}),
        field("nullable", &Everything::nullable, {.when_empty = WhenEmpty::write_null}));
  }
};

}  // namespace latchkey::http::testing

template <>
struct latchkey::http::EnumNames<latchkey::http::testing::Colour> {
  static constexpr std::array<std::pair<testing::Colour, std::string_view>, 2> kNames{
      {{testing::Colour::red, "red"}, {testing::Colour::green, "green"}}};
};
