// What a person can be known by: email address, user name, phone number, each in the one form it is compared
// in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace latchkey::domain {

// An email address: trimmed, NFKC, case-folded (so Ada@Example.com is ada@example.com), 3 to 320 bytes, one
// "@" with something before it and a host of at least two labels after it, no blanks or control characters.
// Not proof that mail arrives there.
class Email {
 public:
  // Fails with validation_failed, field "email".
  static base::Result<Email> parse(std::string_view untrusted);
  static Email make_trusted(std::string stored) { return Email(std::move(stored)); }
  const std::string& text() const { return text_; }
  bool operator==(const Email&) const = default;

 private:
  explicit Email(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A user name: trimmed, NFKC; shown as typed, compared case-folded. 1 to 64 characters, letters, digits, and
// . _ - inside; no "@" and no leading "+", so it can never be taken for an address or a number.
class Username {
 public:
  // Fails with validation_failed, field "username".
  static base::Result<Username> parse(std::string_view untrusted);
  static Username make_trusted(std::string shown, std::string key) {
    return {std::move(shown), std::move(key)};
  }
  const std::string& shown() const { return shown_; }
  const std::string& key() const { return key_; }  // what is unique
  bool operator==(const Username& other) const { return key_ == other.key_; }

 private:
  Username(std::string shown, std::string key) : shown_(std::move(shown)), key_(std::move(key)) {}
  std::string shown_, key_;
};

// A phone number in E.164: "+" and 7 to 15 digits. Blanks, dots, dashes, slashes and round brackets between
// digits are dropped, NFKC turns other digits into ASCII; a leading 00 counts as "+".
class Phone {
 public:
  // Fails with validation_failed, field "phone".
  static base::Result<Phone> parse(std::string_view untrusted);
  static Phone make_trusted(std::string stored) { return Phone(std::move(stored)); }
  const std::string& text() const { return text_; }
  bool operator==(const Phone&) const = default;

 private:
  explicit Phone(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using Identifier = std::variant<Email, Username, Phone>;

// One text field that may hold any of the three: with "@" an email, with a leading "+" or "00" a phone, else
// a user name. Fails with validation_failed, field "identifier".
base::Result<Identifier> parse_identifier(std::string_view untrusted);
// "email:…", "username:…" or "phone:…", the key for lock-out and limits: equal for all spellings of one
// identifier.
std::string identifier_key(const Identifier& identifier);

// NFKC and full case folding (Unicode 14); nothing for invalid UTF-8. Exposed for the password policy and
// tests.
std::optional<std::string> fold_text(std::string_view text);

}  // namespace latchkey::domain
