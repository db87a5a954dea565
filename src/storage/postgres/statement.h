// A statement and the values for its parameters, in the binary form of PostgreSQL's protocol.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/uuid.h"

namespace latchkey::storage::postgres {

// A text of SQL under a name that follows from it, so that the same name never means two texts, also between
// versions of this program that share a pooler's sessions. A constant; known by its address.
class Statement {
 public:
  constexpr explicit Statement(const char* sql) : sql_(sql) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char* c = sql; *c != '\0'; ++c) {
      hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
    }
    std::size_t at = 0;
    for (const char c : {'l', 'k', '_'}) name_[at++] = c;
    for (int shift = 60; shift >= 0; shift -= 4) name_[at++] = "0123456789abcdef"[(hash >> shift) & 0xF];
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  const char* sql() const { return sql_; }
  const char* name() const { return name_.data(); }

 private:
  const char* sql_;
  std::array<char, 20> name_{};
};

// Bytes, where text is meant to be text.
struct Blob {
  std::string_view bytes;
};

// An array of ids: its own bytes are PostgreSQL's binary form of uuid[].
class UuidArray {
 public:
  explicit UuidArray(std::size_t count) {
    constexpr std::uint32_t kElementType = 2950;  // uuid
    bytes_.reserve(20 + 20 * count);
    for (const std::uint32_t word : {std::uint32_t{1}, std::uint32_t{0}, kElementType,
                                     static_cast<std::uint32_t>(count), std::uint32_t{1}}) {
      append(word);  // one dimension, no NULL, the type, how many, from 1
    }
  }
  // Exactly as often as was said.
  void add(const base::Uuid& id) {
    append(16);
    bytes_ += id.as_string_view();
  }
  std::string_view bytes() const { return bytes_; }

 private:
  void append(std::uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes_ += static_cast<char>((word >> shift) & 0xFF);
  }
  std::string bytes_;
};

// Values for $1, $2, … of one run. Text, blobs and ids are borrowed: they must outlive the call that sends
// them.
class Parameters {
 public:
  template <class... Values>
  explicit Parameters(const Values&... values) {
    static_assert(sizeof...(Values) <= kMost);
    (add(values), ...);
  }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;
  // One more.
  template <class Value>
  void append(const Value& value) {
    assert(static_cast<std::size_t>(count_) < kMost);
    add(value);
  }

  int count() const { return count_; }
  const unsigned* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return kBinary.data(); }

 private:
  static constexpr std::size_t kMost = 16;
  static constexpr std::array<int, kMost> kBinary = [] {
    std::array<int, kMost> all{};
    all.fill(1);
    return all;
  }();
  // Object ids of PostgreSQL's own types; they are part of its interface.
  static constexpr unsigned kBool = 16, kBytea = 17, kInt8 = 20, kText = 25, kUuid = 2950, kUuidArray = 2951;

  template <class T>
  static consteval unsigned type_of() {
    if constexpr (std::same_as<T, bool>) {
      return kBool;
    } else if constexpr (std::integral<T> || std::same_as<T, base::Timestamp>) {
      return kInt8;
    } else if constexpr (std::same_as<T, Blob>) {
      return kBytea;
    } else if constexpr (std::convertible_to<T, std::string_view>) {
      return kText;
    } else {
      return kUuid;
    }
  }

  void put(unsigned type, const char* value, std::size_t length) {
    const auto at = static_cast<std::size_t>(count_++);
    types_[at] = type;
    // For libpq, a null pointer is NULL.
    values_[at] = value == nullptr ? "" : value;
    lengths_[at] = static_cast<int>(length);
  }
  template <std::same_as<bool> T>
  void add(T value) {
    put(kBool, value ? "\1" : "\0", 1);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void add(T value) {
    auto number = static_cast<std::uint64_t>(value);
    std::array<char, 8>& bytes = numbers_[static_cast<std::size_t>(count_)];
    for (std::size_t i = 8; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xFF);
    put(kInt8, bytes.data(), bytes.size());
  }
  void add(base::Timestamp value) { add(base::to_unix_ms(value)); }
  void add(std::string_view value) { put(kText, value.data(), value.size()); }
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(Blob value) { put(kBytea, value.bytes.data(), value.bytes.size()); }
  void add(const UuidArray& value) { put(kUuidArray, value.bytes().data(), value.bytes().size()); }
  void add(const base::Uuid& value) {
    const std::string_view bytes = value.as_string_view();
    put(kUuid, bytes.data(), bytes.size());
  }
  template <class Tag>
  void add(const base::Id<Tag>& value) {
    add(value.uuid());
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    put(type_of<T>(), "", 0);
    values_[static_cast<std::size_t>(count_ - 1)] = nullptr;
  }

  int count_ = 0;
  std::array<unsigned, kMost> types_;
  std::array<const char*, kMost> values_;
  std::array<int, kMost> lengths_;
  std::array<std::array<char, 8>, kMost> numbers_;
};

}  // namespace latchkey::storage::postgres
