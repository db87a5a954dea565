// Sign-up: a new account that is signed in at once.
#pragma once

#include "flows/signed_in.h"

namespace latchkey::flows {

struct SignUp {
  std::optional<domain::Email> email;
  std::optional<domain::Username> username;
  std::optional<domain::Phone> phone;
  base::Secret password;
  base::JsonObjectText user_metadata;
};

// Writes user, password, session and event in one transaction, or nothing. Fails with signup_disabled,
// validation_failed (no identifier), weak_password, user_already_exists. Costs one password hash on the
// calling thread. `done` is called with what gives the answer or fails; or it is not called, and the call
// itself fails.
base::Result<void> sign_up(Environment& env, const SignUp& request, const Client& client, WhenSignedIn done);

// The account's own words, which must not make a password look good.
std::vector<std::string> own_words(const domain::User& user);

}  // namespace latchkey::flows
