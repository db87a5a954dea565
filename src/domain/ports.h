// What flows need from outside beside the store: implemented by adapters, chosen in app.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace latchkey::domain {

// Keeps the soft locks of accounts and addresses, in bounded memory. Thread-safe. Accounts that do not exist
// are locked like those that do, because the key is what was typed, normalised.
class LoginGuard {
 public:
  virtual ~LoginGuard() = default;
  // True when either is locked now: then the password is not to be believed, whatever it is.
  virtual bool is_locked(std::string_view identifier_key, std::string_view address_key,
                         base::Timestamp now) = 0;
  virtual void note_failure(std::string_view identifier_key, std::string_view address_key,
                            base::Timestamp now) = 0;
  virtual void note_success(std::string_view identifier_key, std::string_view address_key,
                            base::Timestamp now) = 0;
};

}  // namespace latchkey::domain
