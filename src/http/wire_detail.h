// The templates behind wire.h; include that one.
#pragma once

#include <array>

#include "http/wire.h"

namespace latchkey::http {
namespace detail {

// One value as it arrived: JSON, or text (of a form, a query or a path), or nothing.
struct Incoming {
  const boost::json::value* json = nullptr;
  const std::string* text = nullptr;

  bool is_absent() const { return json == nullptr && text == nullptr; }
  bool is_null() const;
  bool is_empty_text() const;
};

// Collects what is wrong, under the name of the field inside the outer objects it stands in.
class Problems {
 public:
  void add(std::string_view field, std::string_view message);
  void enter(std::string_view object);
  void leave();
  bool empty() const { return errors_.empty(); }
  base::Error take();

 private:
  std::vector<std::string> outer_;
  std::vector<base::FieldError> errors_;
};

// A field that is being read.
struct Reading {
  std::string_view name;
  const FieldOptions& options;
  Problems& problems;
};

Incoming find_incoming(const WireInput& input, In in, std::string_view name);
// Whether there is a value other than null; notes a problem if not.
bool require(const Incoming& incoming, const Reading& reading);
// Each notes a problem where the value does not fit.
void read(const Incoming& incoming, const Reading& reading, std::string& out);
void read(const Incoming& incoming, const Reading& reading, base::Secret& out);
void read(const Incoming& incoming, const Reading& reading, bool& out);
void read(const Incoming& incoming, const Reading& reading, std::int64_t& out);
void read(const Incoming& incoming, const Reading& reading, base::JsonObjectText& out);
std::optional<std::size_t> read_name(const Incoming& incoming, const Reading& reading,
                                     std::span<const std::string_view> names);
const boost::json::object* read_object(const Incoming& incoming, const Reading& reading);
std::optional<std::size_t> read_list_size(const Incoming& incoming, const Reading& reading);
Incoming list_element(const Incoming& list, std::size_t index);

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class E>
constexpr auto enum_names() {
  std::array<std::string_view, EnumNames<E>::kNames.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = EnumNames<E>::kNames[i].second;
  return names;
}

template <class T, class F>
constexpr void for_each_field(F&& f) {
  std::apply([&](const auto&... field) { (f(field), ...); }, T::describe());
}

template <class T>
void read_fields(const WireInput& input, Problems& problems, T& out);

template <class T>
void read_value(const Incoming& incoming, const Reading& reading, T& out) {
  if constexpr (kIsOptional<T>) {
    const bool empty = reading.options.empty_is_absent && incoming.is_empty_text();
    if (!incoming.is_absent() && !incoming.is_null() && !empty) read_value(incoming, reading, out.emplace());
  } else if (!require(incoming, reading)) {
    return;
  } else if constexpr (std::is_enum_v<T>) {
    static constexpr auto kNames = enum_names<T>();
    if (const auto i = read_name(incoming, reading, kNames)) out = EnumNames<T>::kNames[*i].first;
  } else if constexpr (Described<T>) {
    if (const boost::json::object* object = read_object(incoming, reading)) {
      reading.problems.enter(reading.name);
      read_fields(WireInput{.body = object}, reading.problems, out);
      reading.problems.leave();
    }
  } else if constexpr (kIsVector<T>) {
    FieldOptions of_element = reading.options;
    of_element.min_length = FieldOptions().min_length;
    of_element.max_length = FieldOptions().max_length;
    const auto size = read_list_size(incoming, reading);
    for (std::size_t i = 0; i < size.value_or(0); ++i) {
      const std::string name = std::string(reading.name) + "[" + std::to_string(i) + "]";
      typename T::value_type element{};
      read_value(list_element(incoming, i), Reading{name, of_element, reading.problems}, element);
      out.push_back(std::move(element));
    }
  } else {
    read(incoming, reading, out);
  }
}

template <class T>
void read_fields(const WireInput& input, Problems& problems, T& out) {
  for_each_field<T>([&](const auto& field) {
    read_value(find_incoming(input, field.options.in, field.name),
               Reading{field.name, field.options, problems}, out.*field.member);
  });
}

inline void write(base::JsonWriter& json, const std::string& value) { json.value(value); }
inline void write(base::JsonWriter& json, const base::Secret& value) {
  json.value(value.confidential_text());
}
inline void write(base::JsonWriter& json, bool value) { json.value(value); }
inline void write(base::JsonWriter& json, std::int64_t value) { json.value(value); }
inline void write(base::JsonWriter& json, const base::JsonObjectText& value) { json.raw(value.text()); }

template <class E>
std::string_view name_of(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::kNames) {
    if (candidate == value) return name;
  }
  return {};
}

template <class T>
void write_value(base::JsonWriter& json, const T& value);

template <class T>
void write_object(base::JsonWriter& json, const T& value) {
  json.begin_object();
  for_each_field<T>([&](const auto& field) {
    if (field.options.in != In::body) return;
    const auto& member = value.*field.member;
    if constexpr (kIsOptional<std::remove_cvref_t<decltype(member)>>) {
      if (member) {
        write_value(json.key(field.name), *member);
      } else if (field.options.when_empty == WhenEmpty::write_null) {
        json.key(field.name).null();
      }
    } else {
      write_value(json.key(field.name), member);
    }
  });
  json.end_object();
}

template <class T>
void write_value(base::JsonWriter& json, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    json.value(name_of(value));
  } else if constexpr (Described<T>) {
    write_object(json, value);
  } else if constexpr (kIsVector<T>) {
    json.begin_array();
    for (const auto& element : value) write_value(json, element);
    json.end_array();
  } else {
    write(json, value);
  }
}

}  // namespace detail

template <Described T>
base::Result<T> decode(const WireInput& input) {
  T out{};
  detail::Problems problems;
  detail::read_fields(input, problems, out);
  if (!problems.empty()) return base::fail(problems.take());
  return out;
}

template <Described T>
void encode(const T& value, std::string& out) {
  base::JsonWriter json(out);
  detail::write_object(json, value);
}

template <class T>
TypeInfo type_info() {
  TypeInfo info;
  if constexpr (detail::kIsOptional<T>) {
    return type_info<typename T::value_type>();
  } else if constexpr (std::is_enum_v<T>) {
    info.kind = TypeKind::enumeration;
    for (const auto& [value, name] : EnumNames<T>::kNames) info.names.push_back(name);
  } else if constexpr (Described<T>) {
    info.kind = TypeKind::object;
    detail::for_each_field<T>([&](const auto& field) {
      using Member = typename std::remove_cvref_t<decltype(field)>::Type;
      info.fields.push_back({field.name, field.options, detail::kIsOptional<Member>, type_info<Member>()});
    });
  } else if constexpr (detail::kIsVector<T>) {
    info.kind = TypeKind::list;
    info.element.push_back(type_info<typename T::value_type>());
  } else if constexpr (std::is_same_v<T, bool>) {
    info.kind = TypeKind::boolean;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    info.kind = TypeKind::integer;
  } else if constexpr (std::is_same_v<T, base::JsonObjectText>) {
    info.kind = TypeKind::json_object;
  } else {
    static_assert(std::is_same_v<T, std::string> || std::is_same_v<T, base::Secret>,
                  "not a type that can stand in a wire type");
    info.kind = TypeKind::text;
    info.confidential = std::is_same_v<T, base::Secret>;
  }
  return info;
}

}  // namespace latchkey::http
