// The kinds of values a setting can have, and how each is read from text and written back.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/secret.h"

namespace latchkey::config {

// A number of bytes: "256KiB".
struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

// So many in such a time: "30/5m".
struct Rate {
  std::uint32_t count = 0;
  base::Seconds per{};
  bool operator==(const Rate&) const = default;
};

// An IP address to listen on ("localhost" became 127.0.0.1) and a port; 0 takes a free one.
struct SocketAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool operator==(const SocketAddress&) const = default;
  bool is_loopback() const;
  std::string text() const;  // "127.0.0.1:8484", "[::1]:8484"
};

// An http or https address without query, fragment and trailing slash; empty when not set.
struct PublicUrl {
  std::string text;
  bool operator==(const PublicUrl&) const = default;
};

// "*", "https://app.example.com" or "https://*.example.com", in lower case.
struct OriginPattern {
  std::string text;
  bool operator==(const OriginPattern&) const = default;
};

// "10.0.0.0/8", "2001:db8::/32" or one address; bits behind the prefix are zero.
struct AddressRange {
  std::string text;
  bool operator==(const AddressRange&) const = default;
};

// Empty (a file in the data folder), "sqlite:PATH", or "postgres://USER@HOST/NAME" as libpq takes it. May
// contain a password.
struct DatabaseUrl {
  std::string text;
  bool operator==(const DatabaseUrl&) const = default;
  bool is_postgres() const;
  bool has_password() const { return shown() != text; }
  // With "(hidden)" for the password.
  std::string shown() const;
};

// What people see as the name of something: one line, not empty.
struct Title {
  std::string text;
  bool operator==(const Title&) const = default;
};

// The pages of the app that can be named: those without a session, and those that need one.
enum class AppPage : std::uint8_t { login, signup, home, account };
enum class AppNavigation : std::uint8_t { automatic, manual };

enum class KeyAlgorithm : std::uint8_t { es256, eddsa, rs256, hs256 };
enum class ExistingAccount : std::uint8_t { error, silent };
enum class RequestLog : std::uint8_t { changes, all, errors };

// Why a text was not taken: says what would be right, and never repeats the text (it may be a secret).
template <class T>
using Parsed = std::expected<T, std::string>;

// What came from a source: one text, or a list of them. A list given as one text is separated by commas.
struct GivenValue {
  std::vector<std::string> items;
  bool is_list = false;
};

// How a type is read and written. `kForm` completes the sentence "must be …"; write(read(x)) == canonical x.
//   static Parsed<T> parse(std::string_view)    static std::string text(const T&)
template <class T>
struct Codec;

#define LK_CODEC(type)                                \
  template <>                                         \
  struct Codec<type> {                                \
    static const std::string_view kForm;              \
    static Parsed<type> parse(std::string_view text); \
    static std::string text(const type& value);       \
  }
LK_CODEC(bool);
LK_CODEC(std::uint32_t);
LK_CODEC(ByteSize);
LK_CODEC(base::Seconds);
LK_CODEC(base::Milliseconds);
LK_CODEC(Rate);
LK_CODEC(SocketAddress);
LK_CODEC(std::optional<SocketAddress>);
LK_CODEC(PublicUrl);
LK_CODEC(OriginPattern);
LK_CODEC(AddressRange);
LK_CODEC(DatabaseUrl);
LK_CODEC(std::filesystem::path);
LK_CODEC(base::Secret);
LK_CODEC(Title);
LK_CODEC(AppPage);
LK_CODEC(AppNavigation);
LK_CODEC(KeyAlgorithm);
LK_CODEC(ExistingAccount);
LK_CODEC(RequestLog);
LK_CODEC(base::LogLevel);
LK_CODEC(base::LogFormat);
#undef LK_CODEC

}  // namespace latchkey::config
