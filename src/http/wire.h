// Wire types: a struct names its fields once, and decoder, validator, encoder and JSON Schema come from that.
//
//   struct LoginRequest {
//     std::optional<std::string> email;
//     base::Secret password;
//     static constexpr auto describe() {
//       return http::fields(
//           http::field("email", &LoginRequest::email, {.doc = "…", .max_length = 320, .example =
//           "ada@example.com"}), http::field("password", &LoginRequest::password, {.doc = "…",
//           .reject_null_text = true}));
//     }
//   };
//
// A member is std::string, base::Secret, bool, std::int64_t, an enum with EnumNames, base::JsonObjectText,
// another described struct, a std::vector of these, or a std::optional of these.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/message.h"

namespace latchkey::http {

// Where in the request a field stands.
enum class In : std::uint8_t { body, query, path };

// What an encoder does with an empty optional.
enum class WhenEmpty : std::uint8_t { leave_out, write_null };

// What is said and checked of one field. Give them in this order.
struct FieldOptions {
  std::string_view doc = {};
  In in = In::body;
  std::size_t min_length = 0;                                       // text: characters; lists: elements
  std::size_t max_length = 8192;                                    // the same; an object's bytes
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();  // numbers
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  bool reject_null_text = false;  // the texts "null" and "undefined", which unset variables arrive as
  bool empty_is_absent = false;   // an optional text that is "" counts as not sent
  WhenEmpty when_empty = WhenEmpty::leave_out;
  std::string_view format = {};   // JSON Schema `format`, such as "email": told, not checked
  std::string_view example = {};  // text for text fields, JSON for all others
};

// The names of an enum on the wire: specialise with
//   static constexpr std::array<std::pair<E, std::string_view>, N> kNames = {…};
template <class E>
struct EnumNames;

template <class Owner, class Member>
struct Field {
  using Type = Member;
  std::string_view name;
  Member Owner::* member;
  FieldOptions options;
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::* member,
                                     FieldOptions options = {}) {
  return {name, member, options};
}
template <class... F>
constexpr std::tuple<F...> fields(F... f) {
  return {f...};
}

template <class T>
concept Described = requires { T::describe(); };

// A request that carries nothing.
struct NoInput {
  static constexpr auto describe() { return fields(); }
};

// Where a decoder reads from. At most one of `body` and `form` is set.
struct WireInput {
  const boost::json::object* body = nullptr;
  const Pairs* form = nullptr;  // texts: numbers and booleans are parsed from them
  const Pairs* query = nullptr;
  const Pairs* path = nullptr;
};

// Reads a T. Unknown fields are ignored; of a key that stands twice the last counts. Fails with
// validation_failed that lists every field that is missing, null, of the wrong type or out of bounds; values
// are never repeated in it.
template <Described T>
base::Result<T> decode(const WireInput& input);

// Appends `value` as a JSON object. Only fields of the body are written.
template <Described T>
void encode(const T& value, std::string& out);

// --- a wire type at run time: for the OpenAPI document, schemas and examples ------------------------------

enum class TypeKind : std::uint8_t { text, boolean, integer, enumeration, json_object, object, list };

struct FieldInfo;
struct TypeInfo {
  TypeKind kind = TypeKind::object;
  std::vector<std::string_view> names;  // of an enumeration
  std::vector<FieldInfo> fields;        // of an object
  std::vector<TypeInfo> element;        // of a list: one
  bool confidential = false;            // base::Secret
};
struct FieldInfo {
  std::string_view name;
  FieldOptions options;
  bool optional = false;
  TypeInfo type;
};

template <class T>
TypeInfo type_info();

enum class SchemaUse : std::uint8_t { request, response };

// JSON Schema 2020-12 of the body. In a request an optional field may be absent or null; in an answer it is
// absent or null as its `when_empty` says. Objects in answers name all their fields.
std::string json_schema(const TypeInfo& type, SchemaUse use);
// The schema of one field, without its name.
std::string json_schema(const FieldInfo& field, SchemaUse use);
template <class T>
std::string json_schema(SchemaUse use) {
  return json_schema(type_info<T>(), use);
}
// A body made of the fields' examples; fields without one are left out.
std::string example_json(const TypeInfo& type);

}  // namespace latchkey::http

#include "http/wire_detail.h"
