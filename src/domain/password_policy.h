// Which passwords are accepted (NIST SP 800-63B section 5.1.1.2: length and guessability, no composition
// rules).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::domain {

struct PasswordPolicy {
  std::uint32_t min_length = 8;     // bytes of UTF-8; at least 1
  std::uint32_t max_length = 1024;  // bytes; a longer one is refused, never cut
  std::uint32_t min_score = 2;      // zxcvbn, 0 (any) to 4
};

// `own_words` are the account's email, names and the like, which must not make a password look good.
// Fails with weak_password and ALL reasons that apply: "length" (too short), "too_long", "guessable" (score),
// "personal" (contains an own word, whole, of 4 or more characters), "characters" (invalid UTF-8); the
// error's message says in words what to change. NUL is a character like any other. Time is bounded (some
// milliseconds at worst, 0.1 ms usually): only the first 64 characters are scored, only the first 32 own
// words count, and a password that is too long is not searched for them.
base::Result<void> check_password(const base::Secret& password, const std::vector<std::string>& own_words,
                                  const PasswordPolicy& policy);

}  // namespace latchkey::domain
