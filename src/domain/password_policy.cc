#include "domain/password_policy.h"

#include <utf8proc.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "domain/identifier.h"

namespace latchkey::domain {
namespace {

// zxcvbn's time grows with the square of the length; so many characters take about a millisecond at worst.
constexpr std::size_t kScoredCharacters = 64;
constexpr std::size_t kMaxOwnWords = 32;
constexpr std::size_t kMaxDictionaryWords = 24;  // each costs time, too
constexpr std::size_t kMinPersonalCharacters = 4;

// What people write on this service's sign-up page, and "password" in languages that zxcvbn's dictionary
// lacks.
constexpr std::array<std::string_view, 14> kServiceWords = {
    "latchkey",   "flutterflow", "supabase", "passwort", "motdepasse", "contrasena", "senha",
    "wachtwoord", "parola",      "haslo",    "salasana", "lösenord",   "пароль",     "密码"};

// One byte a character, for zxcvbn, which counts bytes: accents are dropped, and a character outside ASCII
// becomes one high byte, so that a text of such characters is not taken for one twice as long. Never NUL, at
// most kScoredCharacters.
std::string to_scored_text(std::string_view text) {
  std::string out;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0 && out.size() < kScoredCharacters) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &c);
    if (used <= 0) break;
    at += used;
    left -= used;
    std::array<utf8proc_int32_t, 32> parts{};
    constexpr auto kOptions =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK);
    int boundary = 0;
    if (c >= 0x80 && utf8proc_decompose_char(c, parts.data(), parts.size(), kOptions, &boundary) >= 1)
      c = parts[0];
    const bool is_plain = c > 0 && c < 0x80;
    out += static_cast<char>(is_plain ? c : 0x80 | (c & 0x7F));
  }
  return out;
}

bool is_valid_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &c);
    if (used <= 0) return false;
    at += used;
    left -= used;
  }
  return true;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The own words and their parts between punctuation, as zxcvbn is to see them: lower case, at most
// kMaxDictionaryWords of them, then the service's words.
std::vector<std::string> make_dictionary(std::span<const std::string> own_words) {
  const auto is_part_of_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  };
  std::vector<std::string> dictionary;
  const auto add = [&](std::string word) {
    if (word.size() >= 3 && std::ranges::find(dictionary, word) == dictionary.end()) {
      dictionary.push_back(std::move(word));
    }
  };
  for (const std::string& word : own_words) {
    const auto folded = fold_text(word);
    if (!folded) continue;
    const std::string scored = to_scored_text(*folded);
    add(scored);
    for (auto begin = scored.begin(); begin != scored.end() && dictionary.size() < kMaxDictionaryWords;) {
      begin = std::find_if(begin, scored.end(), is_part_of_word);
      const auto end = std::find_if_not(begin, scored.end(), is_part_of_word);
      add(std::string(begin, end));
      begin = end;
    }
    if (dictionary.size() >= kMaxDictionaryWords) break;
  }
  for (const std::string_view word : kServiceWords) add(to_scored_text(word));
  return dictionary;
}

// zxcvbn's scale: 0 to 4 by the guesses it takes, 10^3, 10^6, 10^8 and 10^10.
std::uint32_t score(std::string_view password, std::span<const std::string> own_words) {
  const std::vector<std::string> dictionary = make_dictionary(own_words);
  std::vector<const char*> words;
  for (const std::string& word : dictionary) words.push_back(word.c_str());
  words.push_back(nullptr);
  const double bits = ZxcvbnMatch(to_scored_text(password).c_str(), words.data(), nullptr);
  constexpr double kBitsPerDigit = 3.321928094887362;  // log2(10)
  std::uint32_t reached = 0;
  for (const double digits : {3.0, 6.0, 8.0, 10.0}) reached += bits >= digits * kBitsPerDigit ? 1 : 0;
  return reached;
}

bool contains_own_word(std::string_view password, std::span<const std::string> own_words) {
  const auto folded = fold_text(password);
  if (!folded) return false;
  return std::ranges::any_of(own_words, [&](const std::string& word) {
    const auto folded_word = fold_text(word);
    return folded_word && count_characters(*folded_word) >= kMinPersonalCharacters &&
           folded->contains(*folded_word);
  });
}

}  // namespace

base::Result<void> check_password(const base::Secret& password, const std::vector<std::string>& own_words,
                                  const PasswordPolicy& policy) {
  base::Error error{.code = base::ErrorCode::weak_password};
  std::string message;
  const auto add = [&](const char* reason, const std::string& advice) {
    error.reasons.emplace_back(reason);
    if (!message.empty()) message += ' ';
    message += advice;
  };
  const std::string_view text = password.confidential_text();
  const auto words = std::span(own_words).first(std::min(own_words.size(), kMaxOwnWords));

  if (text.size() < std::max<std::uint32_t>(policy.min_length, 1)) {
    add("length",
        "Use at least " + std::to_string(std::max<std::uint32_t>(policy.min_length, 1)) + " characters.");
  }
  const bool too_long = text.size() > policy.max_length;
  if (too_long) add("too_long", "Use at most " + std::to_string(policy.max_length) + " bytes.");
  if (!is_valid_utf8(text)) add("characters", "Use only characters that are valid UTF-8 text.");
  if (policy.min_score > 0 && score(text, words) < policy.min_score) {
    add("guessable",
        "This password is easy to guess: use several unrelated words, or more unusual characters.");
  }
  if (!too_long && contains_own_word(text, words)) {
    add("personal", "Leave out your name, address and other words of this account.");
  }
  if (error.reasons.empty()) return {};
  error.message = std::move(message);
  return base::fail(std::move(error));
}

}  // namespace latchkey::domain
