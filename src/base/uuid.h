// UUIDs (RFC 9562) and ids that cannot be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace latchkey::base {

// 16 bytes; ordered as bytes, so version 7 ids sort by time.
class Uuid {
 public:
  Uuid() = default;  // all zero
  explicit Uuid(std::span<const std::byte, 16> bytes) { std::memcpy(bytes_.data(), bytes.data(), 16); }

  // Version 7: 48 bits of Unix milliseconds, 74 random bits.
  static Uuid make_v7(Timestamp now, Random& random);
  // Exactly 16 bytes, else nothing.
  static std::optional<Uuid> parse_bytes(std::string_view bytes);
  // The 8-4-4-4-12 form in either case; nothing else (no braces, no "urn:uuid:").
  static std::optional<Uuid> parse(std::string_view text);

  std::string to_string() const;  // lower case
  std::span<const std::byte, 16> bytes() const { return bytes_; }
  std::string_view as_string_view() const { return {reinterpret_cast<const char*>(bytes_.data()), 16}; }

  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::byte, 16> bytes_{};
};

// An id of one kind of thing: `using UserId = Id<struct UserTag>;`. Ids of different kinds do not convert.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(Uuid uuid) : uuid_(uuid) {}
  static Id make(Timestamp now, Random& random) { return Id(Uuid::make_v7(now, random)); }
  static std::optional<Id> parse(std::string_view text) {
    if (auto uuid = Uuid::parse(text)) return Id(*uuid);
    return std::nullopt;
  }
  const Uuid& uuid() const { return uuid_; }
  std::string to_string() const { return uuid_.to_string(); }
  auto operator<=>(const Id&) const = default;

 private:
  Uuid uuid_;
};

}  // namespace latchkey::base

template <>
struct std::hash<latchkey::base::Uuid> {
  std::size_t operator()(const latchkey::base::Uuid& id) const noexcept {
    return std::hash<std::string_view>()(id.as_string_view());
  }
};
template <class Tag>
struct std::hash<latchkey::base::Id<Tag>> {
  std::size_t operator()(const latchkey::base::Id<Tag>& id) const noexcept {
    return std::hash<latchkey::base::Uuid>()(id.uuid());
  }
};
